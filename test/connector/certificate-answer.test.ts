import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createToken,
  csrBody,
  decodeAnswer,
  pair,
  renew,
  startTestGateway,
  subjectOf,
  temporaryHome,
} from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { makeKey } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { enrol } from './shape.js';

const blocks = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n/g) ?? []).map(
    (block) => new X509Certificate(block),
  );

describe('the answer with a certificate', () => {
  it('CS-3: has three strings in this order, each base64 in one line of PEM that ends with a line feed', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const token = await createToken(gateway, 'app');
    for (const answer of [await enrol(gateway, token), await renew(gateway, holder)]) {
      expect(answer.status).toBe(201);
      expect(Object.keys(answer.body)).toEqual(['crt', 'clientCrt', 'caCrt']);
      for (const text of Object.values<string>(answer.body)) {
        expect(Buffer.from(text, 'base64').toString('base64')).toBe(text);
        expect(Buffer.from(text, 'base64').toString()).toMatch(
          /^(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n)+$/,
        );
      }
      const { crt, clientCrt, caCrt } = decodeAnswer(answer.body);
      expect(crt).toBe(clientCrt + caCrt);
      expect(blocks(clientCrt)).toHaveLength(1);
      expect(caCrt).toBe(gateway.ca);
    }
  });

  it('CS-3: holds a client certificate of the record’s names, version 3, with a random serial', async () => {
    const gateway = await startTestGateway();
    const key = makeKey('rsa-2048');
    const token = await createToken(gateway, 'app');
    const body = csrBody({ key, subject: subjectOf('app'), digest: 'sha1' });
    const { clientCrt } = decodeAnswer((await enrol(gateway, token, body)).body);
    const text = await outputOf(['openssl', 'x509', '-noout', '-text'], { input: clientCrt });
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('Subject: C = DE, ST = Waldorf, L = Waldorf, O = Organization');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/X509v3 Extended Key Usage: ?\s+TLS Web Client Authentication\n/);
    expect(text).toContain('X509v3 Authority Key Identifier');
    expect(text).not.toContain('Subject Alternative Name');
    const certificate = new X509Certificate(clientCrt);
    expect(BigInt(`0x${certificate.serialNumber}`)).toBeGreaterThan(2n ** 63n);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
    expect(days).toBe(92);
  });

  it('CS-0: has the chain in the order that TLS asks for: leaf, intermediate, root', async () => {
    const { settings, rootPem, intermediatePem } = await makeIntermediate();
    const gateway = await startTestGateway(settings);
    const token = await createToken(gateway, 'app');
    const { crt, clientCrt, caCrt } = decodeAnswer((await enrol(gateway, token)).body);
    expect(caCrt).toBe(intermediatePem + rootPem);
    expect(crt).toBe(clientCrt + intermediatePem + rootPem);
    const [leaf, intermediate, root] = blocks(crt);
    expect(leaf?.checkIssued(intermediate ?? leaf)).toBe(true);
    expect(intermediate?.checkIssued(root ?? intermediate)).toBe(true);
    expect(gateway.ca).toBe(rootPem);
  });

  it('CS-0, CS-3: never outlives its issuer', async () => {
    const gateway = await startTestGateway({
      EVERLEAF_CA_VALIDITY: '10d',
      EVERLEAF_CLIENT_VALIDITY: '92d',
    });
    const holder = await pair(gateway);
    const [leaf, issuer] = [holder.certPem, gateway.ca].map((pem) => new X509Certificate(pem));
    expect(leaf?.validTo).toBe(issuer?.validTo);
  });
});

/** An issuing authority under a root, made by openssl as an operator would. */
async function makeIntermediate() {
  const folder = temporaryHome();
  const root = await makeOpensslAuthority({ folder, name: 'root' });
  const extensions = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier=hash',
  ];
  const issuing = { folder, subject: '/CN=Issuing', authority: root, extensions };
  const { certPem, keyPem } = await signOutside(issuing);
  writeFileSync(join(folder, 'ca.crt'), certPem);
  writeFileSync(join(folder, 'ca.key'), keyPem);
  return {
    rootPem: readFileSync(root.certFile, 'utf8'),
    intermediatePem: certPem,
    settings: {
      EVERLEAF_CA_CERT_FILE: join(folder, 'ca.crt'),
      EVERLEAF_CA_KEY_FILE: join(folder, 'ca.key'),
      EVERLEAF_CA_CHAIN_FILE: root.certFile,
    },
  };
}
