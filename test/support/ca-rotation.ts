import type { Test } from 'supertest';
import { commandLine } from './command-line.js';
import { startTestGateway } from './gateway.js';
import { replicaSettings } from './replicas.js';
import { clockOfThePast } from './roll-over.js';
import { openService, sha256Of } from './services.js';
import type { ServiceHouse } from './services.js';

/** Where a roll-over stands, as the route answers it. */
export interface ShownRotation {
  readonly phase: string;
  readonly authorities: readonly { authority_id: string; sha256: string; state: string }[];
  readonly services: readonly {
    service_name: string;
    trust_update: number;
    presented_ca_sha256: string;
  }[];
  readonly users_on_retiring_ca: readonly {
    service_name: string;
    username: string;
    is_current: boolean;
    sha256: string;
  }[];
}

export const rotationPath = '/v1/project/p1/ca/rotation';

/** The project `p1` with the services `kafka-1` and `pg-1`, whose CA rolls over. */
export interface RotationHouse extends ServiceHouse {
  readonly take: (step: string, force?: boolean) => Test;
  readonly report: (service: string, phase: number) => Test;
  readonly shown: () => Promise<ShownRotation>;
  /** PEM blocks of the project's CA, and the whole. */
  readonly bundle: () => Promise<{ readonly blocks: readonly string[]; readonly pem: string }>;
  /** Everything that is in use now: the certificate of each user. */
  readonly inUse: () => Promise<string[]>;
  readonly rotate: (words: string) => Promise<unknown>;
}

/** Some days ago, so that openssl finds valid what was made after the clock was put forward. */
export async function startRotation(database: { readonly url: string }): Promise<RotationHouse> {
  const gateway = await startTestGateway(replicaSettings(database.url), clockOfThePast());
  const house = await openService(gateway);
  const { asRoot } = house;
  const pg = { service_name: 'pg-1', service_type: 'pg' };
  await asRoot('post', '/v1/project/p1/service', pg).expect(200);
  gateway.clock.advance(3600);
  return {
    ...house,
    take: (step, force) => asRoot('post', rotationPath, { step, ...(force ? { force } : {}) }),
    report: (service, phase) =>
      asRoot('put', `/v1/project/p1/service/${service}/trust_update`, { phase }),
    shown: async () =>
      (await asRoot('get', rotationPath).expect(200)).body.rotation as ShownRotation,
    bundle: async () => {
      const pem = String(
        (await asRoot('get', '/v1/project/p1/kms/ca').expect(200)).body.certificate,
      );
      return { pem, blocks: pem.match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? [] };
    },
    inUse: async () => {
      const { body } = await asRoot('get', '/v1/project/p1/service').expect(200);
      const services = body.services as { users: { access_cert?: string }[] }[];
      return services.flatMap(({ users }) => users.flatMap((one) => one.access_cert ?? []));
    },
    rotate: (words) => commandLine(gateway, `ca rotate ${words} --project p1`),
  };
}

/** Through update 1 of all services to the activation; the bundle's blocks, the old one first. */
export async function activateNext(house: RotationHouse): Promise<readonly [string, string]> {
  await house.take('prepare').expect(200);
  const [old = '', next = ''] = (await house.bundle()).blocks;
  for (const service of ['kafka-1', 'pg-1']) await house.report(service, 1).expect(200);
  house.gateway.clock.advance(3600);
  await house.take('activate').expect(200);
  return [old, next];
}

/** Which of two authorities are named, by their PEM blocks. */
export function namesOf(blocks: readonly string[]): string[] {
  return blocks.map((block) => sha256Of(block));
}
