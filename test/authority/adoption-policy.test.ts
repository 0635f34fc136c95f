import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { judgeAdoption } from '../../src/authority/adoption-policy.js';
import type { PossibleIssuer } from '../../src/authority/adoption-policy.js';
import { makeHolderOfSubject } from '../../src/connector/holder-of-subject.js';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { MalformedDer } from '../../src/pki/der-reader.js';
import { makeRoot } from '../support/authority-files.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import type { ForeignInput } from '../support/foreign-certificate.js';

const now = Math.floor(Date.now() / 1000);
const attributes = ['C', 'ST', 'L', 'O', 'OU', 'CN'] as const;

let folder: string;
let authority: PossibleIssuer;
let certify: (input: ForeignInput) => Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everleaf-policy-'));
  const files = await makeRoot({ folder, name: 'Kyma', key: 'rsa' });
  const { raw } = new X509Certificate(await readFile(files.certFile));
  authority = { id: 'old', state: 'active', revokedAt: null, certificate: readCertificate(raw) };
  certify = (input) => new X509Certificate(issueElsewhere(files, input).certPem).raw;
});

afterAll(() => rm(folder, { recursive: true }));

/** The judgement, or `malformed` where the bytes are no certificate. */
function judge(der: Uint8Array, authorities: readonly PossibleIssuer[] = [authority]) {
  try {
    const certificate = readCertificate(der);
    return judgeAdoption({
      certificate,
      authorities,
      holderOfSubject: makeHolderOfSubject('standalone'),
      now,
    });
  } catch (error) {
    if (error instanceof MalformedDer) return { refusal: 'malformed' };
    throw error;
  }
}

describe('judgeAdoption', () => {
  it('names holder and authority, the trusted one of several with one name and key', () => {
    const der = certify({ application: 'my app' });
    expect(judge(der)).toEqual({ authorityId: 'old', kind: 'application', holder: 'my app' });
    const twins = (['retired', 'prepared', 'retiring'] as const).map((state) => ({
      ...authority,
      state,
      id: state,
    }));
    expect(judge(der, twins)).toMatchObject({ authorityId: 'retiring' });
    expect(judge(der, twins.slice(0, 2))).toEqual({
      refusal: 'The authority that signed it is not trusted any more.',
    });
    expect(judge(der, [{ ...authority, revokedAt: now }])).toEqual({
      refusal: 'The authority that signed it is not trusted any more.',
    });
    expect(judge(der, [])).toEqual({ refusal: 'No authority of this gateway has signed it.' });
  });

  it('adopts nothing that was cut or changed at any byte', () => {
    const der = certify({});
    for (let at = 0; at < der.length; at++) {
      expect(judge(der.subarray(0, at))).toHaveProperty('refusal');
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(judge(changed)).toHaveProperty('refusal');
    }
    expect(judge(Buffer.concat([der, Buffer.from([0])]))).toEqual({ refusal: 'malformed' });
  });

  it('adopts a subject exactly when it holds the six attributes once each', () => {
    const attribute = fc.constantFrom(...attributes, 'serialNumber', 'UID');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.shuffledSubarray([...attributes], { minLength: 5 }),
          fc.array(attribute, { maxLength: 8 }),
        ),
        (types) => {
          const subject = types.map((type) => [type, type === 'C' ? 'DE' : 'x'] as const);
          const isSix = [...types].sort().join() === [...attributes].sort().join();
          const expected = isSix ? 'holder' : 'refusal';
          expect(judge(certify({ subject }))).toHaveProperty(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});
