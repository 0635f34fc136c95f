import { describe, expect, it } from '@jest/globals';
import { sign, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import type { Response } from 'supertest';
import { contentOf, derOf, readDer } from '../../src/pki/der-reader.js';
import { encodeBitString, encodeDer, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';
import { opensslAccepts } from '../pki/openssl-request.js';
import { decodeAnswer } from '../support/gateway.js';
import { makeExtensionRequest, makeKey, makeRequest } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { bodyOf, openFrontDoor } from './front-door.js';
import type { FrontDoor } from './front-door.js';

const rsa = makeKey('rsa-2048');
const ec = makeKey('prime256v1');
const edwards = makeKey('ed25519');
const attributes = makeExtensionRequest(oids.subjectAltName, oids.basicConstraints);
const good = makeRequest({ key: ec, attributes });
const goodBody = bodyOf(good.pem);

/** Whether it was granted; the answer has one of the two shapes, and never anything else. */
function isGranted({ status, body, headers }: Response): boolean {
  expect(headers['content-type']).toBe('application/json;charset=UTF-8');
  if (status === 201) {
    expect(Object.keys(body)).toEqual(['crt', 'clientCrt', 'caCrt']);
    return true;
  }
  expect([400, 413]).toContain(status);
  expect(body).toMatchObject({ code: status, requestId: headers['x-request-id'] });
  expect([body.error, body.reason].map((text) => typeof text)).toEqual(['string', 'string']);
  return false;
}

/** The certificate in a granted answer bears the name on record and the key of the request, by openssl's reading. */
async function expectRightCertificate(door: FrontDoor, answer: Response, der: Uint8Array) {
  const certificate = decodeAnswer(answer.body).clientCrt;
  const pem = encodePem('CERTIFICATE REQUEST', der);
  const key = await outputOf(['openssl', 'req', '-noout', '-pubkey'], { input: pem });
  const certified = await outputOf(['openssl', 'x509', '-noout', '-pubkey'], {
    input: certificate,
  });
  expect(certified).toBe(key);
  const { subject, ca, subjectAltName } = new X509Certificate(certificate);
  expect({ subject, ca, subjectAltName }).toEqual({
    subject: new X509Certificate(door.holder.certPem).subject,
    ca: false,
    subjectAltName: undefined,
  });
}

/** As many certificates on record as different ones were handed out, besides the first. */
async function expectOnRecord({ gateway }: FrontDoor, granted: ReadonlySet<string>): Promise<void> {
  const rows = await gateway.database.db
    .selectFrom('certificates')
    .select('der')
    .where('predecessor', 'is not', null)
    .execute();
  const handedOut = [...granted].map((pem) => new X509Certificate(pem).raw.toString('base64'));
  expect(rows.map(({ der }) => der).sort()).toEqual(handedOut.sort());
}

function changes(original: Buffer): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat({ max: original.length }), fc.nat({ max: 6 }), fc.uint8Array({ maxLength: 6 }))
    .map(([at, gone, put]) =>
      Buffer.concat([original.subarray(0, at), put, original.subarray(at + gone)]),
    );
}

describe('HI rule 1: any body', () => {
  const anyCase = fc.constantFrom('csr', 'CSR', 'Csr', '\\u0063sr', '__proto__', 'hash');
  const member = fc.tuple(anyCase, fc.json({ maxDepth: 4 }));
  const objects = fc
    .array(member, { maxLength: 4 })
    .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`);

  it.each([
    ['of random bytes', fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))],
    ['of random JSON', fc.json().map((text) => Buffer.from(text))],
    ['of random members', objects.map((text) => Buffer.from(text))],
    [
      'of random base64',
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bodyOf(bytes))),
    ],
    ['that is a good one with a change', changes(Buffer.from(goodBody))],
    ['of PEM with a change', changes(Buffer.from(good.pem)).map((pem) => Buffer.from(bodyOf(pem)))],
  ])(
    '%s gets a JSON answer, and nothing goes on record but what is handed out',
    async (_what, bodies) => {
      const door = await openFrontDoor();
      const granted = new Set<string>();
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const answer = await door.renew(body);
          if (!isGranted(answer)) return;
          granted.add(decodeAnswer(answer.body).clientCrt);
          await expectRightCertificate(door, answer, good.der);
        }),
        { numRuns: 80 },
      );
      await expectOnRecord(door, granted);
    },
  );
});

describe('HI-E12: any certification request', () => {
  const signers = [
    ['RSA', rsa, 'sha256'],
    ['EC', ec, 'sha256'],
    ['Ed25519', edwards, null],
  ] as const;

  it.each(signers)(
    'with a change is not granted against openssl: %s',
    async (_type, key, _digest) => {
      const door = await openFrontDoor();
      const granted = new Set<string>();
      const der = Buffer.from(makeRequest({ key, attributes }).der);
      await fc.assert(
        fc.asyncProperty(changes(der), async (changed) => {
          const answer = await door.renew(bodyOf(encodePem('CERTIFICATE REQUEST', changed)));
          if (!isGranted(answer)) return;
          granted.add(decodeAnswer(answer.body).clientCrt);
          expect(opensslAccepts(changed)).toBe(true);
          await expectRightCertificate(door, answer, changed);
        }),
        { numRuns: 80 },
      );
      await expectOnRecord(door, granted);
    },
  );

  it.each(signers)(
    'that is signed after a change is granted with the name on record alone: %s',
    async (_type, key, digest) => {
      const door = await openFrontDoor();
      const granted = new Set<string>();
      const [info, algorithm] = readDer(makeRequest({ key, attributes }).der).children;
      if (info === undefined || algorithm === undefined) throw new Error('no request');
      await fc.assert(
        fc.asyncProperty(changes(Buffer.from(contentOf(info))), async (content) => {
          const changed = encodeDer(0x30, content);
          const signature = encodeBitString(sign(digest, changed, key));
          const der = encodeSequence(changed, derOf(algorithm), signature);
          const answer = await door.renew(bodyOf(encodePem('CERTIFICATE REQUEST', der)));
          if (!isGranted(answer)) return;
          granted.add(decodeAnswer(answer.body).clientCrt);
          expect(opensslAccepts(der)).toBe(true);
          await expectRightCertificate(door, answer, der);
        }),
        { numRuns: 80, examples: [[Buffer.from(contentOf(info))]] },
      );
      expect(granted.size).toBeGreaterThan(0);
      await expectOnRecord(door, granted);
    },
  );
});
