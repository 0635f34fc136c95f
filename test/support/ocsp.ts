import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import type { Response } from 'supertest';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { expectSequence, expectWholeBits, readDer } from '../../src/pki/der-reader.js';
import { encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { readPemBlocks } from '../../src/pki/pem.js';
import type { TestGateway } from './gateway.js';
import { startTestGateway, temporaryHome } from './gateway.js';
import { run } from './run.js';

/** One certificate that is asked about; `issuerPem` is what its issuer is said to be. */
export interface Question {
  readonly issuerPem: string;
  /** Hex. */
  readonly serial: string;
  readonly digest?: 'sha1' | 'sha256' | 'sha384';
  /** What follows the digest's identifier; NULL by default. */
  readonly parameters?: readonly Der[];
  /** Extensions of this question, DER each. */
  readonly extensions?: readonly Der[];
}

/** An OCSP request as a client writes it, or should not. */
export function makeOcspRequest(input: {
  readonly questions: readonly Question[];
  readonly nonce?: Uint8Array;
  readonly extensions?: readonly Der[];
  /** Fields before the list of requests. */
  readonly before?: readonly Der[];
}): Der {
  const { questions, nonce, before = [] } = input;
  const nonceValue = nonce && encodeDer(0x04, nonce);
  const extensions = [
    ...(nonceValue ? [makeExtension(oids.ocspNonce, nonceValue)] : []),
    ...(input.extensions ?? []),
  ];
  return encodeSequence(
    encodeSequence(
      ...before,
      encodeSequence(...questions.map(encodeQuestion)),
      ...(extensions.length === 0 ? [] : [encodeDer(0xa2, encodeSequence(...extensions))]),
    ),
  );
}

/** An Extension; `critical` writes the flag. */
export function makeExtension(
  oid: string,
  value: Uint8Array,
  { critical = false }: { readonly critical?: boolean } = {},
): Der {
  const flag = critical ? [encodeDer(0x01, Uint8Array.of(0xff))] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeDer(0x04, value));
}

function encodeQuestion({ issuerPem, serial, ...rest }: Question): Der {
  const { digest = 'sha1', parameters = [encodeDer(0x05)], extensions = [] } = rest;
  const { subject, spki } = readCertificate(readPemBlocks(issuerPem)[0]?.der ?? new Uint8Array());
  const [, key] = expectSequence(readDer(spki), 'the key');
  const hash = (data: Uint8Array): Der => encodeDer(0x04, createHash(digest).update(data).digest());
  const id = encodeSequence(
    encodeSequence(encodeOid(oids[digest]), ...parameters),
    hash(subject),
    hash(expectWholeBits(key, 'the key')),
    encodeDer(0x02, Buffer.from(serial, 'hex')),
  );
  if (extensions.length === 0) return encodeSequence(id);
  return encodeSequence(id, encodeDer(0xa0, encodeSequence(...extensions)));
}

/** Sends a request by POST; the answer's body is a Buffer. */
export function postOcsp({ urls }: Pick<TestGateway, 'urls'>, der: Uint8Array): Promise<Response> {
  return Promise.resolve(
    request(urls.pki)
      .post('/pki/ocsp')
      .set('Content-Type', 'application/ocsp-request')
      .responseType('blob')
      .serialize((sent) => sent as unknown as string) // as it is: no JSON is made of a Buffer
      .send(Buffer.from(der)),
  );
}

/** Hex of the answers that are errors (RFC 6960 2.3). */
export const ocspErrors = {
  malformedRequest: '30030a0101',
  internalError: '30030a0102',
  tryLater: '30030a0103',
  unauthorized: '30030a0106',
} as const;

/** Asks about a certificate with `openssl ocsp`, which verifies the answer; its words, in order. */
export async function askByOpenssl(
  gateway: TestGateway,
  about: { readonly certPem: string } | { readonly serial: string },
  options: {
    readonly issuerPem?: string;
    readonly trust?: readonly string[];
    /** Before the certificate is named: its digest. */
    readonly digest?: '-sha1' | '-sha256' | '-sha384';
    readonly more?: readonly string[];
  } = {},
): Promise<{ readonly code: number | null; readonly text: string }> {
  const folder = temporaryHome();
  const inFile = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { issuerPem = gateway.ca, digest = '-sha1', more = [] } = options;
  const subject =
    'certPem' in about
      ? ['-cert', inFile('asked.crt', about.certPem)]
      : ['-serial', `0x${about.serial}`];
  const trust = options.trust ?? ['-CAfile', gateway.caFile];
  const words = ['-issuer', inFile('issuer.crt', issuerPem), digest, ...subject];
  const { code, stdout, stderr } = await run([
    'openssl',
    'ocsp',
    ...words,
    ...['-url', `${gateway.urls.pki}/pki/ocsp`],
    ...trust,
    '-resp_text',
    ...more,
  ]);
  return { code, text: `${stderr}\n${stdout}` };
}

/** A gateway whose certificates point to where its pki listener really is. */
export async function startWithPkiUrl(): Promise<TestGateway> {
  const port = String(await freePort());
  return startTestGateway({
    EVERLEAF_PKI_LISTEN: `127.0.0.1:${port}`,
    EVERLEAF_PKI_URL: `http://127.0.0.1:${port}`,
  });
}

/** A port of this machine that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // it listens on TCP, so it is no pipe's name
  await new Promise((done) => server.close(done));
  return port;
}
