import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import request from 'supertest';
import { csrBody, holderFrom, subjectOf } from './gateway.js';
import type { Holder } from './gateway.js';
import { withoutSettings } from './gateway-process.js';
import { makeKey } from './requests.js';
import type { Serve } from './serve.js';

/** A renewal as its client remembers it. */
export interface RememberedRenewal {
  readonly presented: Holder;
  readonly body: string;
  /** The certificate, where the answer arrived. */
  readonly received?: Holder;
}

/** A client of a gateway that runs as a process on a home. */
export interface LoadClient {
  readonly home: string;
  readonly ca: string;
}

export async function clientOf(home: string): Promise<LoadClient> {
  return { home, ca: await readFile(join(home, 'ca.crt'), 'utf8') };
}

/** Pairs an application by a token from the command line. */
export async function pairByToken(
  gateway: Serve,
  { home, ca }: LoadClient,
  application: string,
): Promise<Holder> {
  const command = ['dist/main.js', 'token', 'create', application, '--json'];
  const env = { ...withoutSettings(process.env), EVERLEAF_HOME: home };
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  const { token } = JSON.parse(stdout) as { token: string };
  const key = makeKey('prime256v1');
  const { body } = await request(gateway.gatewayUrl)
    .post(`/v1/applications/certificates?token=${token}`)
    .ca(ca)
    .send(csrBody({ key, subject: subjectOf(application) }))
    .expect(201);
  return holderFrom(body, { application, key });
}

/** One renewal over mutual TLS. An answer other than 201 throws; a lost connection leaves `received` undefined. */
export async function renewOnce(
  gateway: Serve,
  { ca }: LoadClient,
  renewal: Omit<RememberedRenewal, 'received'>,
): Promise<RememberedRenewal> {
  const { presented, body } = renewal;
  const attempt = request(gateway.gatewayUrl)
    .post('/v1/applications/certificates/renewals')
    .ca(ca)
    .cert(presented.certPem)
    .key(presented.keyPem)
    .send(body);
  const answer = await attempt.then(
    (arrived) => arrived,
    () => undefined,
  );
  if (answer === undefined) return renewal;
  if (answer.status !== 201) throw new Error(`a renewal was answered ${answer.text}`);
  return { ...renewal, received: holderFrom(answer.body, presented) };
}

/**
 * Several applications renew their certificates without a pause, each the one it got before, until the gateway is
 * gone. `onAnswer` is called after each certificate that arrives.
 */
export async function renewUntilGone(
  gateway: Serve,
  client: LoadClient,
  input: { readonly holders: readonly Holder[]; readonly onAnswer: (count: number) => void },
): Promise<RememberedRenewal[]> {
  const remembered: RememberedRenewal[] = [];
  let count = 0;
  const walk = async (first: Holder): Promise<void> => {
    for (let presented = first; ;) {
      const body = csrBody({ key: first.key, subject: subjectOf(first.application) });
      const renewal = await renewOnce(gateway, client, { presented, body });
      remembered.push(renewal);
      if (renewal.received === undefined) return;
      presented = renewal.received;
      count += 1;
      input.onAnswer(count);
    }
  };
  await Promise.all(input.holders.map(walk));
  return remembered;
}

/** A number of answers after which to strike: never the same moment twice. */
export function randomMoment(): number {
  return randomInt(3, 40);
}
