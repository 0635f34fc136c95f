import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Der } from '../../src/pki/der.js';
import { buildSubject } from '../../src/pki/names.js';
import { callTls, fresh, keptAlive } from './exchange.js';
import type { Answer } from './exchange.js';
import type { GatewayServer, KeyType } from './gateway-server.js';
import { makeRequest, renewalBody } from './requests.js';

/** A certificate with its key, as its holder has them. */
export interface Identity {
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly certPem: string;
  readonly subject: Der;
  readonly secureContext: SecureContext;
}

/** Holders of certificates of one gateway: enough of them to stay below its rate limit, which is on. */
export interface Fleet {
  readonly identities: readonly Identity[];
  /** Identities that may send `each` more renewals now; waits for the next minute when there are too few. */
  squad(size: number, each: number): Promise<readonly Identity[]>;
}

const mostApplications = 16;
/** The gateway allows 60 in a minute, which begins when it likes: what was sent counts until the run is surely over. */
const perMinute = 58;
const countedMs = 90_000;

/** Pairs a few applications by token, then multiplies their certificates by renewing them. */
export async function enrolFleet(input: {
  readonly server: GatewayServer;
  readonly keyType: KeyType;
  readonly size: number;
}): Promise<Fleet> {
  const { server, keyType, size } = input;
  const applications = Math.min(mostApplications, size);
  const first = await Promise.all(
    Array.from({ length: applications }, (_, index) =>
      enrol(server, { name: `app-${index}`, key: makeKey(keyType) }),
    ),
  );
  const copies = await Promise.all(
    first.map((identity) => multiply(server, { identity, count: size / applications - 1 })),
  );
  const identities = [...first, ...copies.flat()];
  return {
    identities,
    squad: makeSquads(identities, { first: applications, spent: size / applications }),
  };
}

/** More certificates of the same holder and key. */
async function multiply(
  server: GatewayServer,
  { identity, count }: { identity: Identity; count: number },
): Promise<Identity[]> {
  const agent = keptAlive();
  const made: Identity[] = [];
  while (made.length < count) {
    const body = renewalBody(makeRequest(identity));
    const answer = await callTls({ ...renewal(server), agent, body, ...identity });
    made.push(identityFrom(answer, { ...identity, ca: server.ca }));
  }
  agent.destroy();
  return made;
}

/** Where renewals go. */
export function renewal({ port }: GatewayServer): { port: number; path: string } {
  return { port, path: '/v1/applications/certificates/renewals' };
}

/** A new pair of the gateway's for this name and key. */
export async function enrol(
  server: GatewayServer,
  { name, key }: { name: string; key: KeyObject },
): Promise<Identity> {
  const secureContext = createSecureContext({ ca: server.ca });
  const call = { agent: fresh(), secureContext };
  const { body } = await callTls({
    ...call,
    port: server.adminPort,
    path: '/v1/applications/tokens',
    headers: { Authorization: `Bearer ${server.adminToken}`, Application: name },
  });
  const { token } = JSON.parse(body.toString()) as { token: string };
  const path = `/v1/applications/certificates?token=${token}`;
  const subject = subjectOf(name);
  const request = renewalBody(makeRequest({ key, subject }));
  const answer = await callTls({ ...call, port: server.port, path, body: request });
  return identityFrom(answer, { key, subject, ca: server.ca });
}

/** The subject that the default settings give an application. */
export function subjectOf(name: string): Der {
  const fixed = { O: 'Organization', OU: 'OrgUnit', L: 'Waldorf', ST: 'Waldorf', C: 'DE' };
  return buildSubject({ ...fixed, CN: name });
}

/** A new key of this type. */
export function makeKey(keyType: KeyType): KeyObject {
  return keyType === 'rsa-2048'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** The certificate of an answer; throws when it is none or not for this key. */
export function certificateIn(answer: Answer, key: KeyObject): string {
  if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.body.toString()}`);
  const { clientCrt } = JSON.parse(answer.body.toString()) as { clientCrt: string };
  const pem = Buffer.from(clientCrt, 'base64').toString('latin1');
  if (!new X509Certificate(pem).publicKey.equals(createPublicKey(key)))
    throw new Error('a certificate came back that is not for the key of its request');
  return pem;
}

function identityFrom(
  answer: Answer,
  { key, subject, ca }: { key: KeyObject; subject: Der; ca: string },
): Identity {
  const certPem = certificateIn(answer, key);
  const keyPem = String(key.export({ format: 'pem', type: 'pkcs8' }));
  const secureContext = createSecureContext({ ca, cert: certPem, key: keyPem });
  return { key, keyPem, certPem, subject, secureContext };
}

interface Member {
  readonly identity: Identity;
  spent: { readonly renewals: number; readonly until: number }[];
}

/** The first ones have each sent `spent` renewals already, when their copies were made. */
function makeSquads(
  identities: readonly Identity[],
  { first, spent }: { first: number; spent: number },
): Fleet['squad'] {
  const members = identities.map((identity, index): Member => {
    const renewals = index < first ? spent : 0;
    return { identity, spent: [{ renewals, until: performance.now() + countedMs }] };
  });
  return async (size, each) => {
    if (size > members.length || each > perMinute) throw new Error('the fleet is too small');
    for (;;) {
      const now = performance.now();
      const able = members
        .filter((member) => spentAt(member, now) + each <= perMinute)
        .slice(0, size);
      if (able.length === size) {
        for (const member of able) member.spent.push({ renewals: each, until: now + countedMs });
        return able.map(({ identity }) => identity);
      }
      await setTimeout(500);
    }
  };
}

function spentAt(member: Member, now: number): number {
  member.spent = member.spent.filter(({ until }) => until > now);
  return member.spent.reduce((sum, { renewals }) => sum + renewals, 0);
}
