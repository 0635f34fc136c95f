import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import type { Test } from 'supertest';
import { commandLine } from './command-line.js';
import { csrBody, decodeAnswer, holderFrom, renew, subjectOf } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { openTls } from './wire.js';

const day = 86_400;

/** What a step of a roll-over answers. */
export interface StepAnswer {
  readonly id: string;
  readonly leftBehind: readonly { readonly holder: string }[];
}

/** Takes a step by the command line; every gateway has followed it then. */
export async function rotate(
  gateways: TestGateway | readonly TestGateway[],
  words: string,
): Promise<StepAnswer> {
  const all = 'home' in gateways ? [gateways] : gateways;
  const [first] = all;
  if (!first) throw new Error('there is no gateway');
  const answer = await commandLine<StepAnswer>(first, `ca rotate ${words}`);
  for (const gateway of all) await gateway.lookAtAuthorities();
  return answer;
}

/** From the only authority to the next: prepared an hour ago, active now. */
export async function rollOver(gateway: TestGateway): Promise<{ old: string; next: string }> {
  const old = await idOf(gateway, 'active');
  gateway.clock.advance(3600);
  await rotate(gateway, 'prepare');
  gateway.clock.advance(3600);
  const { id: next } = await rotate(gateway, 'activate');
  return { old, next };
}

/** Id and state of every authority, the oldest first. */
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
export async function idOf({ database }: TestGateway, state: 'active' | 'prepared' | 'retiring') {
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

/** Renews by a client that trusts `trust` alone, which decides whether it speaks to the gateway at all. */
export function renewTrusting(gateway: TestGateway, trust: string, holder: Holder): Test {
  return request(gateway.urls.gateway)
    .post('/v1/applications/certificates/renewals')
    .ca(trust)
    .cert(holder.certPem)
    .key(holder.keyPem)
    .send(csrBody({ key: holder.key, subject: subjectOf(holder.application) }));
}

/** Renews and gives the new pair with its issuer's id and the ids in the bundle. */
export async function renewed(
  gateway: TestGateway,
  holder: Holder,
): Promise<Holder & { readonly issuer: string; readonly bundle: readonly string[] }> {
  const { body } = await renew(gateway, holder).expect(201);
  const { crt, clientCrt, caCrt } = decodeAnswer(body);
  const [, issuer = ''] = idsIn(crt);
  if (crt !== clientCrt + crt.slice(clientCrt.length)) throw new Error('crt begins with another');
  return { ...holderFrom(body, holder), issuer, bundle: idsIn(caCrt) };
}

/** Whose chain the gateway presents now: the id of the authority that signed its server certificate. */
export async function serverIssuer(gateway: TestGateway): Promise<string> {
  const socket = await openTls(gateway, { ca: caFileOf(gateway) });
  const issuer = socket.getPeerCertificate(true).issuerCertificate;
  socket.destroy();
  return issuer.fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase();
}

/** After it every gateway has heard of a change, and a retirement is not too early. */
export const settled = 60;

/** Longer than any certificate of the default settings has left. */
export const aLife = 92 * day;
