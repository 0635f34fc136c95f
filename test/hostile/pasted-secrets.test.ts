import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { encodeDer } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';
import { pemOf } from '../support/gateway.js';
import { makeKey, makeRequest, makeRequestAttribute } from '../support/requests.js';
import { bodyOf, expectRefusal, expectRenewal, openFrontDoor } from './front-door.js';
import type { FrontDoor } from './front-door.js';

const key = makeKey('prime256v1');
const request = makeRequest({ key }).pem;

/** Every line that was logged and every audit event, as text. */
async function everythingKept({ gateway }: FrontDoor): Promise<string> {
  const events = await gateway.database.db.selectFrom('audit_events').selectAll().execute();
  const errors = gateway.logs.map(({ err }) => (err instanceof Error ? err.stack : err));
  return JSON.stringify([gateway.logs, errors, events]);
}

/** What of a secret would show: its text, its base64, in pieces of 20 characters. */
function piecesOf(secret: string): string[] {
  const forms = [secret.replace(/-----[^-]+-----/g, ''), Buffer.from(secret).toString('base64')];
  return forms.flatMap((form) => form.replace(/\s/g, '').match(/.{20}/g) ?? []);
}

const openssl = (...words: string[]) =>
  execFileSync('openssl', words, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();

describe('HI-E8: something else where the certification request should be', () => {
  const encrypted = () =>
    openssl('genrsa', '-aes256', '-traditional', '-passout', 'pass:open sesame', '2048');
  const ecKey = () => openssl('ecparam', '-name', 'prime256v1', '-genkey');
  const ecKeyWithoutParameters = () => ecKey().replace(/^[^]*END EC PARAMETERS-----\n/, '');
  const block = (label: string) => () => encodePem(label, Buffer.from([0x30, 0]));

  it.each([
    ['CERTIFICATE', block('CERTIFICATE')],
    ['TRUSTED CERTIFICATE', block('TRUSTED CERTIFICATE')],
    ['X509 CERTIFICATE', block('X509 CERTIFICATE')],
    ['ATTRIBUTE CERTIFICATE', block('ATTRIBUTE CERTIFICATE')],
    ['X509 CRL', block('X509 CRL')],
    ['PKCS7', block('PKCS7')],
    ['PKCS #7 SIGNED DATA', block('PKCS #7 SIGNED DATA')],
    ['CMS', block('CMS')],
    ['PUBLIC KEY', block('PUBLIC KEY')],
    ['ENCRYPTED PRIVATE KEY', block('ENCRYPTED PRIVATE KEY')],
    ['OPENSSH PRIVATE KEY', block('OPENSSH PRIVATE KEY')],
    ['PGP PRIVATE KEY BLOCK', block('PGP PRIVATE KEY BLOCK')],
    ['DH PARAMETERS', block('DH PARAMETERS')],
    ['PRIVATE KEY', () => pemOf(key)],
    ['EC PARAMETERS', ecKey],
    ['EC PRIVATE KEY', ecKeyWithoutParameters],
    ['RSA PRIVATE KEY', encrypted],
  ])('is named: %s, alone and before a good request', async (label, make) => {
    const door = await openFrontDoor();
    const found = make();
    const expected = {
      reason: 'pem-label-unexpected',
      error: `Error while decoding pem block. Found ${label} where a CERTIFICATE REQUEST is expected.`,
    } as const;
    await expectRefusal(door, bodyOf(found), expected);
    await expectRefusal(door, bodyOf(found + request), expected);
    await expectRefusal(door, bodyOf(`some text\r\n${found}${request}`), expected);
    await expectRenewal(door, bodyOf(request + found));
  });
});

describe('HI-E8: a private key that is pasted', () => {
  const secret = pemOf(key);

  it.each([
    ['as base64 of its PEM', bodyOf(secret)],
    ['as base64 of its PEM without its end', bodyOf(secret.replace(/-----END[^]*/, ''))],
    ['as base64 of its DER', bodyOf(key.export({ format: 'der', type: 'pkcs8' }))],
    ['as PEM in a JSON string', JSON.stringify({ csr: secret })],
    ['as PEM in an object', JSON.stringify({ csr: { key: secret } })],
    ['as PEM in a list', JSON.stringify([secret])],
    ['as the body itself', secret],
    ['in JSON that is cut off', `{"csr":"${secret}`],
    ['in JSON that is damaged', `{"csr":"${secret}"]`],
    ['in another member that occurs twice', `{"key":"${secret}","key":"${secret}"}`],
    ['in the name of a member that occurs twice', `{"${secret}":1,"${secret}":2}`],
    ['in the label of a block', bodyOf(`-----BEGIN ${secret.split('\n').join('')}-----\n`)],
    ['as a request', bodyOf(secret.replaceAll('PRIVATE KEY', 'CERTIFICATE REQUEST'))],
    ['as bytes that are not UTF-8', Buffer.from(`{"csr":"${secret}\xff"}`, 'latin1')],
  ])(
    '%s is refused and shows neither in the log nor in the audit log nor in the answer',
    async (_how, body) => {
      const door = await openFrontDoor();
      const answers = [await door.renew(body), await door.enrol(body)];
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
      const kept = (await everythingKept(door)) + JSON.stringify(answers.map((one) => one.text));
      expect(kept).toContain('request.refused');
      for (const piece of piecesOf(secret)) expect(kept).not.toContain(piece);
    },
  );

  it('after a good request is not looked at and shows nowhere', async () => {
    const door = await openFrontDoor();
    await expectRenewal(door, bodyOf(request + secret));
    const kept = await everythingKept(door);
    for (const piece of piecesOf(secret)) expect(kept).not.toContain(piece);
  });
});

describe('HI-X2: a challengePassword', () => {
  const withPassword = (password: string) =>
    makeRequest({
      key,
      attributes: makeRequestAttribute(
        oids.challengePassword,
        encodeDer(0x0c, Buffer.from(password)),
      ),
    });

  it.each([
    ['short', 'open sesame, open sesame'],
    ['huge', 'open sesame, open sesame'.repeat(480)],
  ])('that is %s is ignored and shows nowhere but by name', async (_size, password) => {
    const door = await openFrontDoor();
    await expectRenewal(door, bodyOf(withPassword(password).pem));
    const kept = await everythingKept(door);
    expect(kept).toContain('challengePassword');
    expect(kept).not.toContain('sesame');
    expect(kept).not.toContain(Buffer.from('open sesame, open').toString('base64').slice(0, 16));
  });

  it('beyond the size cap is refused and shows nowhere', async () => {
    const door = await openFrontDoor();
    await expectRefusal(door, bodyOf(withPassword('open sesame'.repeat(1500)).pem), {
      status: 413,
      reason: 'request-too-large',
      error: 'The certification request is larger than 16 KiB.',
    });
    expect(await everythingKept(door)).not.toContain('sesame');
  });

  it('in a request that is refused shows nowhere', async () => {
    const door = await openFrontDoor();
    const { der } = withPassword('open sesame, open sesame');
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    const answer = await door.renew(bodyOf(encodePem('CERTIFICATE REQUEST', der)));
    expect(answer.body.reason).toBe('signature-invalid');
    expect((await everythingKept(door)) + answer.text).not.toContain('sesame');
  });
});
