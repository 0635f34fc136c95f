import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring, makeIssued, makeRoot } from '../support/authority-files.js';
import type { CertifiedKey } from '../support/authority-files.js';
import { decodeAnswer, pair, renew, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { fetchList, listPath, readList } from '../support/revocation-list.js';
import { outputOf } from '../support/run.js';

function subjectsIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? [];
  expect(blocks.join('')).toBe(pem);
  return blocks.map((block) => /CN=(.*)/.exec(new X509Certificate(block).subject)?.[1] ?? '');
}

async function renewedAnswer(gateway: TestGateway) {
  const holder = await pair(gateway);
  return decodeAnswer((await renew(gateway, holder).expect(201)).body);
}

/** As a relying party that trusts the root alone and gets the rest from the peer. */
async function verify(root: CertifiedKey, crt: string): Promise<string> {
  const file = join(temporaryHome(), 'chain.crt');
  writeFileSync(file, crt);
  const words = ['-x509_strict', '-purpose', 'sslclient', '-CAfile', root.certFile];
  return outputOf(['openssl', 'verify', ...words, '-untrusted', file, file]);
}

describe.each(['rsa', 'ec'] as const)('an authority that the operator brings: %s', (key) => {
  it('CS-0: answers leaf, intermediate, root; caCrt holds intermediate, root', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root', key });
    const middle = await makeIssued({ folder, name: 'Middle', key, issuer: root });
    const issuing = await makeIssued({ folder, name: 'Issuing', key, issuer: middle });
    const chain = join(folder, 'chain.crt');
    writeFileSync(
      chain,
      readFileSync(root.certFile, 'utf8') + readFileSync(middle.certFile, 'utf8'),
    );

    const gateway = await startTestGateway(bring(issuing, chain));

    const answer = await renewedAnswer(gateway);
    expect(subjectsIn(answer.crt)).toEqual(['app', 'Issuing', 'Middle', 'Root']);
    expect(subjectsIn(answer.clientCrt)).toEqual(['app']);
    expect(subjectsIn(answer.caCrt)).toEqual(['Issuing', 'Middle', 'Root']);
    expect(answer.crt).toBe(answer.clientCrt + answer.caCrt);
    expect(subjectsIn(gateway.ca)).toEqual(['Root']);
    expect(await verify(root, answer.crt)).toMatch(/: OK$/);
  });

  it('CS-0: answers leaf and authority where it is a root itself, and its list verifies', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root', key });

    const gateway = await startTestGateway(bring(root));

    const answer = await renewedAnswer(gateway);
    expect(subjectsIn(answer.crt)).toEqual(['app', 'Root']);
    expect(answer.caCrt).toBe(gateway.ca);
    expect(await verify(root, answer.crt)).toMatch(/: OK$/);
    const list = await readList(gateway, await fetchList(gateway, await listPath(gateway)));
    expect(list.serials).toEqual([]);
  });

  it('takes a chain that the certificate file repeats', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root', key });
    const issuing = await makeIssued({ folder, name: 'Issuing', key, issuer: root });
    const full = join(folder, 'full.crt');
    const pems = [issuing, root].map(({ certFile }) => readFileSync(certFile, 'utf8'));
    writeFileSync(full, pems.join(''));

    const gateway = await startTestGateway(
      bring({ certFile: full, keyFile: issuing.keyFile }, root.certFile),
    );

    expect(subjectsIn((await renewedAnswer(gateway)).crt)).toEqual(['app', 'Issuing', 'Root']);
  });
});

describe('an authority that replaces the one of the first start', () => {
  it('HI-C7: issues from then on, also to those whom the old one certified', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });

    const next = await gateway.restart(bring(root));

    const { body } = await renew(next, holder).expect(201);
    expect(subjectsIn(decodeAnswer(body).crt)).toEqual(['app', 'Root']);
    const states = next.database.db.selectFrom('authorities').select('state').orderBy('created_at');
    expect((await states.execute()).map(({ state }) => state).sort()).toEqual([
      'active',
      'retiring',
    ]);
  });

  it('has its key in its file alone, and is missed when the settings are gone', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const gateway = await startTestGateway(bring(root));
    const { db } = gateway.database;
    const sealed = await db.selectFrom('authorities').select('sealed_key').execute();
    expect(sealed).toEqual([{ sealed_key: null }]);

    const without = { EVERLEAF_CA_CERT_FILE: '', EVERLEAF_CA_KEY_FILE: '' };
    await expect(gateway.restart(without)).rejects.toThrow(
      'EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE must be set',
    );
  });
});
