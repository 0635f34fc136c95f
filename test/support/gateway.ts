import { afterEach } from '@jest/globals';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import type { Test } from 'supertest';
import { readConfig } from '../../src/config.js';
import { startGateway } from '../../src/gateway.js';
import type { RunningGateway } from '../../src/gateway.js';
import { openDatabase } from '../../src/storage/database.js';
import type { Database } from '../../src/storage/database.js';
import { keptConnections } from './kept-connections.js';
import { copyMigrated } from './migrated-sqlite.js';
import { makeKey, makeRequest } from './requests.js';
import type { RequestInput, TestKeyType } from './requests.js';

/** One line that the gateway logged. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A gateway in this process, on free ports, with a home and a clock of its own. */
export interface TestGateway extends RunningGateway {
  readonly home: string;
  /** The EVERLEAF_... variables that it runs with. */
  readonly settings: Readonly<Record<string, string>>;
  /** PEM of what clients trust. */
  readonly ca: string;
  readonly adminToken: string;
  readonly clock: TestClock;
  readonly logs: readonly LogLine[];
  /** A second connection to the record, to look at it and to arrange states. */
  readonly database: Database;
  /** Stops it; a test that does not is cleaned up after. */
  stop(): Promise<void>;
  /** Stops it and starts it again on the same home and database, with more settings. */
  restart(settings?: Readonly<Record<string, string>>): Promise<TestGateway>;
}

/** Seconds that only move when a test moves them, from the real time on. */
export interface TestClock {
  now(): number;
  advance(seconds: number): void;
}

/** A pair as a client holds it. */
export interface Holder {
  readonly application: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  /** The certificate alone. */
  readonly certPem: string;
  readonly sha256: string;
}

const running: TestGateway[] = [];
const homes: string[] = [];

afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** An empty directory that is removed after the test. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'everleaf-'));
  homes.push(home);
  return home;
}

/** A home where nobody has been, but for the tables. */
async function newHome(): Promise<string> {
  const home = temporaryHome();
  await copyMigrated(join(home, 'everleaf.db'));
  return home;
}

/** Starts a gateway for one test. `settings` are EVERLEAF_... variables; the default rate does not get in the way. */
export async function startTestGateway(
  settings: Readonly<Record<string, string>> = {},
  clock: TestClock = testClock(),
): Promise<TestGateway> {
  const home = settings['EVERLEAF_HOME'] ?? (await newHome());
  const environment = {
    EVERLEAF_HOME: home,
    EVERLEAF_GATEWAY_LISTEN: '127.0.0.1:0',
    EVERLEAF_ADMIN_LISTEN: '127.0.0.1:0',
    EVERLEAF_PKI_LISTEN: '127.0.0.1:0',
    EVERLEAF_RENEWAL_RATE: '100000',
    EVERLEAF_PROJECT_CA_KEY_TYPE: 'ec-p256',
    EVERLEAF_SERVICE_USER_KEY_TYPE: 'ec-p256',
    ...settings,
  };
  const config = readConfig(environment);
  const logs: LogLine[] = [];
  const started = await startGateway(config, {
    clock: clock.now,
    random: (length) => randomBytes(length),
    log: collectLog(logs),
  });
  const database = await openDatabase(config.databaseUrl);
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await database.close();
    await started.stop();
  };
  const gateway: TestGateway = {
    ...started,
    home,
    settings: environment,
    ca: readFileSync(started.caFile, 'utf8'),
    adminToken: readIfThere(join(home, 'admin.token')),
    clock,
    logs,
    database,
    stop,
    restart: async (more = {}) => {
      await stop();
      // Files that openssl made since this clock was stopped are valid from then on, not before.
      clock.advance(Math.max(0, secondsNow() - clock.now()));
      return startTestGateway({ ...environment, ...more }, clock);
    },
  };
  running.push(gateway);
  return gateway;
}

/** A clock for several gateways of one test. */
export function testClock(): TestClock {
  let now = secondsNow();
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds;
    },
  };
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** What it takes to pair with a gateway, whether it runs in this process or not. */
export interface Pairing extends Pick<TestGateway, 'ca' | 'adminToken'> {
  readonly urls: Pick<TestGateway['urls'], 'gateway' | 'admin'>;
}

/** A token of the internal API for an application. */
export async function createToken(gateway: Pairing, application: string): Promise<string> {
  const { body } = await request(gateway.urls.admin)
    .post('/v1/applications/tokens')
    .ca(gateway.ca)
    .set('Authorization', `Bearer ${gateway.adminToken}`)
    .set('Application', application)
    .expect(201);
  return String((body as { token: unknown }).token);
}

/** The subject that the default settings give an application. */
export function subjectOf(application: string): string {
  return `/C=DE/ST=Waldorf/L=Waldorf/O=Organization/OU=OrgUnit/CN=${application}`;
}

/** `{"csr": ...}` of a request made with `key`. */
export function csrBody(input: RequestInput): string {
  return JSON.stringify({ csr: Buffer.from(makeRequest(input).pem).toString('base64') });
}

/** Pairs an application by token and gives its first pair. */
export async function pair(
  gateway: Pairing,
  application = 'app',
  keyType: TestKeyType = 'prime256v1',
): Promise<Holder> {
  const key = makeKey(keyType);
  const token = await createToken(gateway, application);
  const { body } = await request(gateway.urls.gateway)
    .post(`/v1/applications/certificates?token=${token}`)
    .ca(gateway.ca)
    .send(csrBody({ key, subject: subjectOf(application) }))
    .expect(201);
  return holderFrom(body, { application, key });
}

/** The pair that an answer makes with the key it was asked with. */
export function holderFrom(body: unknown, owner: { application: string; key: KeyObject }): Holder {
  const certPem = decodeAnswer(body).clientCrt;
  const sha256 = createHash('sha256').update(new X509Certificate(certPem).raw).digest('hex');
  return { ...owner, keyPem: pemOf(owner.key), certPem, sha256 };
}

/** `{crt, clientCrt, caCrt}` decoded to PEM. */
export function decodeAnswer(body: unknown): { crt: string; clientCrt: string; caCrt: string } {
  const { crt, clientCrt, caCrt } = body as Record<string, string>;
  const decode = (text = ''): string => Buffer.from(text, 'base64').toString('latin1');
  return { crt: decode(crt), clientCrt: decode(clientCrt), caCrt: decode(caCrt) };
}

/** A request over mutual TLS; without a holder no certificate is presented. */
export function call(
  gateway: TestGateway,
  method: 'get' | 'post' | 'put' | 'delete' | 'head' | 'options',
  path: string,
  holder?: Pick<Holder, 'certPem' | 'keyPem'>,
): Test {
  const test = request(gateway.urls.gateway)[method](path).ca(gateway.ca);
  return holder ? test.cert(holder.certPem).key(holder.keyPem) : test;
}

/** A renewal of the holder's certificate, by default with its own key and subject. */
export function renew(
  gateway: TestGateway,
  holder: Holder,
  input: Partial<RequestInput> = {},
): Test {
  const body = csrBody({ key: holder.key, subject: subjectOf(holder.application), ...input });
  return call(gateway, 'post', '/v1/applications/certificates/renewals', holder).send(body);
}

/** A request to the admin listener with the administrator's token. */
export function callAdmin(gateway: TestGateway, method: 'get' | 'post', path: string): Test {
  return request(gateway.urls.admin)
    [method](path)
    .ca(gateway.ca)
    .agent(keptConnections(gateway.urls.admin))
    .set('Authorization', `Bearer ${gateway.adminToken}`);
}

/** PKCS #8 PEM of a private key. */
export function pemOf(key: KeyObject): string {
  return String(key.export({ format: 'pem', type: 'pkcs8' }));
}

function collectLog(logs: LogLine[]) {
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      logs.push({ ...fields, level, message });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // a replica that was not the first to start has none
    return '';
  }
}
