import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'supertest';
import { bring, makeRoot } from './authority-files.js';
import type { CertifiedKey } from './authority-files.js';
import { call, renew, startTestGateway, temporaryHome } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { startReplicas } from './replicas.js';
import type { Replicas } from './replicas.js';

/** The authority of a gateway that is gone, and the gateway that goes on with it. */
export interface TakeOver {
  readonly gateway: TestGateway;
  readonly authority: CertifiedKey;
}

export const adopting = { EVERLEAF_ADOPT: 'on' };

/** An RSA authority such as the Connector Service had. */
export async function makeOldAuthority(): Promise<CertifiedKey> {
  return makeRoot({ folder: temporaryHome(), name: 'Kyma', key: 'rsa' });
}

/** RSA keys take their time: one for all tests of a file. */
let old: Promise<{ readonly cert: string; readonly key: string }> | undefined;

async function copyOldAuthority(): Promise<CertifiedKey> {
  old ??= makeOldAuthority().then(({ certFile, keyFile }) => ({
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  }));
  const { cert, key } = await old;
  const folder = temporaryHome();
  const files = { certFile: join(folder, 'old.crt'), keyFile: join(folder, 'old.key') };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  return files;
}

/** Starts a gateway with the authority of another; it adopts unless `settings` say otherwise. */
export async function takeOver(
  settings: Readonly<Record<string, string>> = adopting,
): Promise<TakeOver> {
  const authority = await copyOldAuthority();
  return { gateway: await startTestGateway({ ...bring(authority), ...settings }), authority };
}

/** The same on two gateways with one record. */
export async function takeOverTwice(
  url: string,
): Promise<{ readonly replicas: Replicas; readonly authority: CertifiedKey }> {
  const authority = await copyOldAuthority();
  return { replicas: await startReplicas(url, { ...bring(authority), ...adopting }), authority };
}

/** The management info of the holder. */
export function info(gateway: TestGateway, holder: Holder): Test {
  return call(gateway, 'get', '/v1/applications/management/info', holder);
}

/** The holder revokes its own certificate. */
export function revokeOwn(gateway: TestGateway, holder: Holder, body: object | string = ''): Test {
  return call(gateway, 'post', '/v1/applications/certificates/revocations', holder).send(body);
}

/** Every route for holders, how to use it, and what it answers when it serves. */
export const holderRoutes: readonly (readonly [
  string,
  (gateway: TestGateway, holder: Holder) => Test,
  number,
])[] = [
  ['info', info, 200],
  ['renewals', (gateway: TestGateway, holder: Holder): Test => renew(gateway, holder), 201],
  ['revocations', (gateway: TestGateway, holder: Holder): Test => revokeOwn(gateway, holder), 201],
];

/** Every route answers 403 with these members. */
export async function expectRefusedEverywhere(
  gateway: TestGateway,
  holder: Holder,
  members: { readonly reason: string; readonly detail?: unknown },
): Promise<void> {
  for (const [, use] of holderRoutes)
    expect((await use(gateway, holder)).body).toMatchObject({ code: 403, ...members });
}
