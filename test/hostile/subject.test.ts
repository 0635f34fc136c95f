import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { encodeDer } from '../../src/pki/der-writer.js';
import { call, createToken, decodeAnswer, startTestGateway } from '../support/gateway.js';
import { makeKey, makeRequest } from '../support/requests.js';
import type { RequestInput, TestAttribute } from '../support/requests.js';
import { bodyOf, expectRefusal, expectRenewal, openFrontDoor } from './front-door.js';

type Subject = NonNullable<RequestInput['subject']>;

const key = makeKey('prime256v1');
const parts: readonly TestAttribute[] = [
  ['C', 'DE'],
  ['ST', 'Waldorf'],
  ['L', 'Waldorf'],
  ['O', 'Organization'],
  ['OU', 'OrgUnit'],
  ['CN', 'app'],
];
const bodyFor = (subject: Subject) => bodyOf(makeRequest({ key, subject }).pem);
const as = (tag: number) => parts.map(([type, value]) => [type, value, tag] as const);
const replaced = (...[type, ...rest]: TestAttribute): readonly TestAttribute[] =>
  parts.map((part) => (part[0] === type ? [type, ...rest] : part));
const without = (type: string) => parts.filter((part) => part[0] !== type);

const mismatch = (error: string, level: 'info' | 'warning' = 'info') =>
  ({ reason: 'subject-mismatch', error, level }) as const;
const malformed = { reason: 'request-malformed', error: /^Error while parsing CSR: ./ } as const;
const subjectDer = (pem: string) => readCertificate(new X509Certificate(pem).raw).subject;

describe('HI-N1: the same subject in another form', () => {
  it.each([
    ['as UTF8String', as(0x0c)],
    ['as PrintableString', as(0x13)],
    ['as IA5String', as(0x16)],
    ['in the opposite order', [...parts].reverse()],
  ])('is accepted %s, and the certificate bears the bytes on record', async (_how, subject) => {
    const door = await openFrontDoor();
    const renewed = await expectRenewal(door, bodyFor(subject));
    expect(subjectDer(renewed)).toEqual(subjectDer(door.holder.certPem));
    const enrolled = await door.enrol(bodyFor(subject));
    expect(enrolled.status).toBe(201);
    expect(subjectDer(decodeAnswer(enrolled.body).clientCrt)).toEqual(
      subjectDer(door.holder.certPem),
    );
  });
});

describe('HI-N2, HI-N5, HI-N6: another common name', () => {
  it.each([
    ['HI-N2: letter case', 'App'],
    ['HI-N2: a leading space', ' app'],
    ['HI-N2: a trailing space', 'app '],
    ['HI-N2: a space inside', 'a pp'],
    ['HI-N2: NBSP', 'app\u00a0'],
    ['HI-N2: a byte order mark', '\ufeffapp'],
    ['HI-N2: NUL at the end', 'app\0'],
    ['HI-N2: NUL and more', 'app\0.example'],
    ['HI-N2: a look-alike letter', '\u0430pp'],
    ['HI-N2: a wide letter', '\uff41pp'],
    ['HI-N2: a zero-width space', 'a\u200bpp'],
    ['HI-N2: a direction mark', 'app\u202e'],
    ['HI-N5: another application', 'other'],
    ['HI-N5: a wildcard', '*'],
    ['HI-N5: a runtime', '*Runtime*'],
    ['HI-N6: 65 characters', 'a'.repeat(65)],
    ['HI-N6: 4 KB', 'a'.repeat(4096)],
    ['the empty one', ''],
  ])('%s is refused and audited as a warning', async (_id, name) => {
    const expected = mismatch('CSR: Invalid common name provided.', 'warning');
    await expectRefusal(await openFrontDoor(), bodyFor(replaced('CN', name)), expected);
  });

  it.each([
    ['a doubled space', 'O', 'Organization  ', 'organization'],
    ['letter case', 'C', 'de', 'country'],
    ['letter case', 'OU', 'Orgunit', 'organizational unit'],
    ['a look-alike letter', 'L', 'W\u0430ldorf', 'locality'],
    ['another normalisation form', 'ST', 'Wal\u0301dorf', 'province'],
  ] as const)('HI-N2: %s in %s is refused', async (_what, type, value, name) => {
    const expected = mismatch(`CSR: Invalid ${name} provided.`);
    await expectRefusal(await openFrontDoor(), bodyFor(replaced(type, value)), expected);
  });

  it('HI-N2: a name of two spaces or of a composed letter is itself and nothing else', async () => {
    const gateway = await startTestGateway({ EVERLEAF_SUBJECT_O: 'Caf\u00e9  Europa' });
    const token = await createToken(gateway, 'app');
    const enrol = (organization: string) =>
      call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(
        bodyFor(replaced('O', organization)),
      );
    for (const other of ['Caf\u00e9 Europa', 'Cafe\u0301  Europa', 'CAF\u00c9  Europa']) {
      const { body } = await enrol(other);
      expect(body).toMatchObject({ code: 400, error: 'CSR: Invalid organization provided.' });
    }
    expect((await enrol('Caf\u00e9  Europa')).status).toBe(201);
  });
});

describe('HI-N3: a common name in another string type', () => {
  it.each([
    ['BMPString', Buffer.from('\0a\0p\0p'), 0x1e],
    ['T61String', 'app', 0x14],
    ['UniversalString', Buffer.from('000000610000007000000070', 'hex'), 0x1c],
    ['NumericString', 'app', 0x12],
    ['BIT STRING', '\0app', 0x03],
    ['Latin-1 as PrintableString', Buffer.from('e9', 'hex'), 0x13],
    ['Latin-1 as IA5String', Buffer.from('e9', 'hex'), 0x16],
  ])('%s is refused', async (_type, value, tag) => {
    const expected = mismatch('CSR: Invalid common name provided.');
    await expectRefusal(await openFrontDoor(), bodyFor(replaced('CN', value, tag)), expected);
  });

  it.each([
    ['UTF-8 that is none', Buffer.from('617070ff', 'hex'), 0x0c],
    ['overlong UTF-8', Buffer.from('c1a17070', 'hex'), 0x0c],
    ['a surrogate in UTF-8', Buffer.from('eda080', 'hex'), 0x0c],
    ['OCTET STRING', 'app', 0x04],
    ['VisibleString', 'app', 0x1a],
    ['half a BMPString', Buffer.from('00610', 'latin1'), 0x1e],
  ])('%s is refused as malformed', async (_type, value, tag) => {
    const body = bodyFor(replaced('CN', value, tag));
    await expectRefusal(await openFrontDoor(), body, malformed);
  });
});

describe('HI-N4: attributes other than expected', () => {
  const unexpected = (attribute: string) =>
    `CSR: Invalid subject provided: ${attribute} is not expected.`;

  it.each([
    [
      'two in one RDN',
      [...parts.slice(0, 4), parts.slice(4)],
      'CSR: Invalid common name provided.',
    ],
    ['all in one RDN', [parts], 'CSR: Invalid common name provided.'],
    [
      'C and ST in one RDN',
      [parts.slice(0, 2), ...parts.slice(2)],
      'CSR: Invalid country provided.',
    ],
    ['a second, equal CN', [...parts, ['CN', 'app']], 'CSR: Invalid common name provided.'],
    ['another CN behind', [...parts, ['CN', 'other']], 'CSR: Invalid common name provided.'],
    ['another CN before', [['CN', 'other'], ...parts], 'CSR: Invalid common name provided.'],
    ['a second OU', [...parts, ['OU', 'x']], 'CSR: Invalid organizational unit provided.'],
    ['serialNumber', [...parts, ['serialNumber', '1']], unexpected('serialNumber')],
    ['UID', [...parts, ['UID', '1']], unexpected('UID')],
    ['emailAddress', [...parts, ['emailAddress', 'a@b', 0x16]], unexpected('emailAddress')],
    ['one without a name', [...parts, ['1.2.3.4', 'x']], unexpected('1.2.3.4')],
    ['no CN', without('CN'), 'CSR: Invalid common name provided.'],
    ['no C', without('C'), 'CSR: No country provided.'],
    ['no O', without('O'), 'CSR: No organization provided.'],
    ['no OU', without('OU'), 'CSR: No organizational unit provided.'],
    ['no L', without('L'), 'CSR: No locality provided.'],
    ['no ST', without('ST'), 'CSR: No province provided.'],
    ['nothing', [], 'CSR: Invalid common name provided.'],
  ] as [string, Subject, string][])('%s is named', async (_what, subject, sentence) => {
    await expectRefusal(await openFrontDoor(), bodyFor(subject), mismatch(sentence));
  });

  it('an RDN without attributes is refused as malformed', async () => {
    const subject = encodeDer(0x30, encodeDer(0x31));
    await expectRefusal(await openFrontDoor(), bodyFor(subject), malformed);
  });

  it('what was expected is said, in the order CN, C, O, OU, L, ST', async () => {
    const door = await openFrontDoor();
    const detailOf = async (subject: Subject) =>
      String((await door.renew(bodyFor(subject))).body.detail);
    const allWrong = parts.map(([type]) => [type, 'wrong'] as const);
    expect(await detailOf(allWrong)).toBe('Expected CN=app; found: different.');
    expect(await detailOf([...allWrong.slice(0, 5), ['CN', 'app']])).toBe(
      'Expected C=DE; found: different.',
    );
    expect(await detailOf([...parts, ['UID', '1']])).toBe(
      'The subject must not hold it; found: unexpected.',
    );
  });

  it('HI-N5: a request in another name is a warning even after a slip in the same minute', async () => {
    const door = await openFrontDoor();
    await door.renew(bodyFor(replaced('O', 'wrong')));
    await door.renew(bodyFor(replaced('CN', 'other')));
    const levels = await door.gateway.database.db
      .selectFrom('audit_events')
      .select('level')
      .where('action', '=', 'request.refused')
      .orderBy('id')
      .execute();
    expect(levels.map(({ level }) => level)).toEqual(['info', 'warning']);
  });
});
