import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bring, makeIssued, makeRoot } from '../support/authority-files.js';
import { certificatesIn, estPath, expectEstRefusal } from '../support/est.js';
import { call, pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import { outputOf } from '../support/run.js';

const cacerts = `${estPath}/cacerts`;

function rawOf(pem: string): string {
  return new X509Certificate(pem).raw.toString('base64');
}

describe('cacerts', () => {
  it('RFC 7030 4.1: gives the CA to whoever asks, without a certificate or a token', async () => {
    const gateway = await startTestGateway();
    const { text, headers } = await call(gateway, 'get', cacerts).expect(200);

    expect(headers['content-type']).toBe('application/pkcs7-mime');
    expect(headers['content-transfer-encoding']).toBeUndefined();
    expect((await certificatesIn(text)).map(rawOf)).toEqual([rawOf(gateway.ca)]);
  });

  it('RFC 7030 4.1.3: gives a brought CA with its chain up to the root', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root', key: 'rsa' });
    const issuing = await makeIssued({ folder, name: 'Issuing', issuer: root });
    const gateway = await startTestGateway(bring(issuing, root.certFile));
    const { text } = await call(gateway, 'get', cacerts).expect(200);

    const files = [issuing, root].map(({ certFile }) => rawOf(readFileSync(certFile, 'utf8')));
    expect((await certificatesIn(text)).map(rawOf).sort()).toEqual(files.sort());
  });

  it('asks nobody who he is: a holder and one whose certificate is revoked get it too', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await call(gateway, 'get', cacerts, holder).expect(200);
    const revocations = '/v1/applications/certificates/revocations';
    await call(gateway, 'post', revocations, holder).expect(201);
    await call(gateway, 'get', cacerts, holder).expect(200);
  });
});

describe('csrattrs', () => {
  it('RFC 7030 4.5, RFC 8951 4: gives attributes that openssl reads, and names no key and no extension', async () => {
    const gateway = await startTestGateway();
    const { text, headers } = await call(gateway, 'get', `${estPath}/csrattrs`).expect(200);

    expect(headers['content-type']).toBe('application/csrattrs');
    const parsed = await outputOf(['openssl', 'asn1parse'], {
      input: `-----BEGIN X-----\n${text}\n-----END X-----\n`,
    });
    expect(parsed.match(/(?<=OBJECT +:).*/g)).toEqual([
      'ecdsa-with-SHA256',
      'sha256WithRSAEncryption',
    ]);
  });
});

describe('the form of an answer', () => {
  it.each(['cacerts', 'csrattrs'])(
    'RFC 8951 3.1: is base64 in one line, which clients read that skip no white space: %s',
    async (operation) => {
      const gateway = await startTestGateway();
      const { text, headers } = await call(gateway, 'get', `${estPath}/${operation}`).expect(200);
      expect(Buffer.from(text, 'base64').toString('base64')).toBe(text);
      expect(headers['content-length']).toBe(String(text.length));
      expect(headers['cache-control']).toBe('no-store');
    },
  );

  it('has a head of less than 1,024 bytes, which clients read in one piece', async () => {
    const gateway = await startTestGateway();
    const { headers } = await call(gateway, 'get', cacerts).expect(200);
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    expect(`HTTP/1.1 200 OK\r\n${head.join('')}\r\n`.length).toBeLessThan(1024);
  });
});

describe('what EST does not serve', () => {
  it.each(['', '/', '/fullcmc', '/serverkeygen', '/cacerts/', '/CACERTS', '/label/cacerts', '?x'])(
    'HI-H7: is 404 in its own words: /.well-known/est%s',
    async (path) => {
      const gateway = await startTestGateway();
      expectEstRefusal(await call(gateway, 'get', `${estPath}${path}`), {
        status: 404,
        lines: ['Requested resource could not be found.'],
      });
    },
  );

  it.each(['/.well-known', '/.well-known/', '/.well-known/estate', '/v1/.well-known/est/cacerts'])(
    'HI-H7: is 404 in the words of the JSON routes where it is not under EST: %s',
    async (path) => {
      const gateway = await startTestGateway();
      const { body } = await call(gateway, 'get', path).expect(404);
      expect(body).toMatchObject({ code: 404, reason: 'not-found' });
    },
  );

  it('HI-H7: is 405 by another method', async () => {
    const gateway = await startTestGateway();
    const lines = ['Method not allowed.'];
    for (const operation of ['cacerts', 'csrattrs'])
      for (const method of ['post', 'put', 'delete', 'options'] as const)
        expectEstRefusal(await call(gateway, method, `${estPath}/${operation}`), {
          status: 405,
          lines,
        });
    for (const operation of ['simpleenroll', 'simplereenroll'])
      for (const method of ['get', 'put', 'delete', 'options'] as const)
        expectEstRefusal(await call(gateway, method, `${estPath}/${operation}`), {
          status: 405,
          lines,
        });
  });

  it('HI-H7: is 405 by HEAD, without a body', async () => {
    const gateway = await startTestGateway();
    for (const operation of ['cacerts', 'csrattrs', 'simpleenroll', 'simplereenroll']) {
      const answer = await call(gateway, 'head', `${estPath}/${operation}`).expect(405);
      expect(answer.text).toBeFalsy();
    }
  });

  it('HI-H7: is 400 by a path that cannot be decoded, and led on by doubled slashes', async () => {
    const gateway = await startTestGateway();
    expectEstRefusal(await call(gateway, 'get', `${estPath}/%zz`), {
      status: 400,
      lines: ['The path or query is not correctly percent-encoded.'],
    });
    const { headers } = await call(gateway, 'get', '/.well-known//est/cacerts').expect(301);
    expect(headers['location']).toBe('/.well-known/est/cacerts');
  });

  it('is no EST on the other listeners: their 404 is in their own words', async () => {
    const { urls } = await startTestGateway();
    const answer = await fetch(`${urls.pki}${cacerts}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 404, reason: 'not-found' });
  });
});
