import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import type { Test } from 'supertest';
import { commandLine } from './command-line.js';
import { csrBody, decodeAnswer, holderFrom, pair, subjectOf, testClock } from './gateway.js';
import type { Holder, TestClock, TestGateway } from './gateway.js';
import type { Replicas } from './replicas.js';
import { makeKey } from './requests.js';
import { openTls } from './wire.js';

const day = 86_400;

/** What a step of a roll-over answers. */
export interface StepAnswer {
  readonly id: string;
  readonly leftBehind: readonly { readonly holder: string }[];
}

/** Takes a step by the command line; every gateway has followed it then. */
export async function rotate(gateways: TestGateway | Replicas, words: string): Promise<StepAnswer> {
  const all = 'home' in gateways ? [gateways] : gateways;
  const first = 'home' in gateways ? gateways : gateways[0];
  const answer = await commandLine<StepAnswer>(first, `ca rotate ${words}`);
  await follow(all);
  return answer;
}

/** Every gateway looks at the record now. */
export async function follow(gateways: readonly TestGateway[]): Promise<void> {
  for (const gateway of gateways) await gateway.lookAtAuthorities();
}

/** From the active authority to the next: prepared, and active an hour later. Both by their ids. */
export async function rollOver(
  gateways: TestGateway | Replicas,
): Promise<{ readonly old: string; readonly next: string }> {
  const gateway = 'home' in gateways ? gateways : gateways[0];
  const old = await idOf(gateway, 'active');
  gateway.clock.advance(3600);
  await rotate(gateways, 'prepare');
  gateway.clock.advance(3600);
  const { id: next } = await rotate(gateways, 'activate');
  return { old, next };
}

/** The state of every authority, the oldest first. */
export async function statesOf({ database }: TestGateway): Promise<readonly string[]> {
  const rows = await database.db
    .selectFrom('authorities')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ state }) => state);
}

/** The id of the one authority in a state. */
export async function idOf(
  { database }: TestGateway,
  state: 'active' | 'prepared' | 'retiring',
): Promise<string> {
  const { id } = await database.db
    .selectFrom('authorities')
    .select('id')
    .where('state', '=', state)
    .executeTakeFirstOrThrow();
  return id;
}

/** Each certificate of a PEM text, by the first 16 digits of its SHA-256: what names an authority. */
export function idsIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? [];
  if (blocks.join('') !== pem) throw new Error(`there is more than certificates in ${pem}`);
  return blocks.map((block) =>
    new X509Certificate(block).fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase(),
  );
}

/** What stands in home for clients to trust, now. */
export function caFileOf({ home }: Pick<TestGateway, 'home'>): string {
  return readFileSync(join(home, 'ca.crt'), 'utf8');
}

/** Sends a renewal by a client that trusts `trust` alone, which decides whether it speaks to the gateway at all. */
export function renewTrusting(
  gateway: TestGateway,
  holder: Holder,
  { trust, key = holder.key }: { readonly trust: string; readonly key?: KeyObject },
): Test {
  return request(gateway.urls.gateway)
    .post('/v1/applications/certificates/renewals')
    .ca(trust)
    .cert(holder.certPem)
    .key(holder.keyPem)
    .send(csrBody({ key, subject: subjectOf(holder.application) }));
}

/** A new pair, the id of the authority that issued it, and what its holder is to trust from then on. */
export interface Renewed extends Holder {
  readonly issuer: string;
  /** `caCrt`, PEM. */
  readonly bundle: string;
}

/** Renews with a new key, by a client that trusts what stands in home now unless `trust` says otherwise. */
export async function renewed(
  gateway: TestGateway,
  holder: Holder,
  trust = caFileOf(gateway),
): Promise<Renewed> {
  const key = makeKey('prime256v1');
  const { body } = await renewTrusting(gateway, holder, { trust, key }).expect(201);
  const { crt, clientCrt, caCrt } = decodeAnswer(body);
  const [, issuer = ''] = idsIn(crt);
  if (!crt.startsWith(clientCrt)) throw new Error('crt does not begin with clientCrt');
  return { ...holderFrom(body, { ...holder, key }), issuer, bundle: caCrt };
}

/** Pairs an application after the gateway's first start, by a client that trusts what stands in home now. */
export async function pairNow(gateway: TestGateway, application: string): Promise<Holder> {
  return pair({ ...gateway, ca: caFileOf(gateway) }, application);
}

/** Whose chain the gateway presents now: the id of the authority that signed its server certificate. */
export async function serverIssuer(
  gateway: TestGateway,
  trust = caFileOf(gateway),
): Promise<string> {
  const socket = await openTls(gateway, { ca: trust });
  const issuer = socket.getPeerCertificate(true).issuerCertificate;
  socket.destroy();
  return issuer.fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase();
}

/**
 * A clock that starts some days ago: what a gateway makes after it was put forward is not in the future of the TLS
 * clients, whose clock is the real one.
 */
export function clockOfThePast(days = 40): TestClock {
  const clock = testClock();
  clock.advance(-days * day);
  return clock;
}
