import { describe, expect, it } from '@jest/globals';
import { makeKey, makeRequest } from '../support/requests.js';
import { bodyOf, expectRefusal, expectRenewal, openFrontDoor } from './front-door.js';

const { pem, der } = makeRequest({ key: makeKey('rsa-2048') });
const base64 = Buffer.from(pem).toString('base64');
const wrapped = (lineBreak: string) => (base64.match(/.{1,76}/g) ?? []).join(lineBreak);

const base64Sentence =
  'There was an error while parsing the base64 content. An incorrect value was provided.';
const noBlock = { reason: 'pem-malformed', error: 'Error while decoding pem block.' } as const;

describe('the body of a renewal or an enrolment', () => {
  it('HI-E1: base64 of PEM in one line is accepted on both routes', async () => {
    const door = await openFrontDoor();
    await expectRenewal(door, JSON.stringify({ csr: base64 }));
    const enrolled = await door.enrol(bodyOf(makeRequest({ key: makeKey('prime256v1') }).pem));
    expect(enrolled.status).toBe(201);
  });

  it.each([
    ['HI-E2: \\n as JSON escapes', JSON.stringify({ csr: wrapped('\n') })],
    ['HI-E2: \\r\\n as JSON escapes', JSON.stringify({ csr: wrapped('\r\n') })],
    ['HI-E3: raw line feeds', `{"csr":"${wrapped('\n')}\n"}\n`],
    ['HI-E3: raw CRLF', `{"csr":"${wrapped('\r\n')}\r\n"}\r\n`],
    ['HI-E3: raw line breaks around every token', `{\n"csr"\r\n:\n"${base64}"\n}\n`],
  ])('%s do not matter', async (_id, body) => {
    await expectRenewal(await openFrontDoor(), body);
  });

  it('HI-E4: base64url, missing padding, data after the padding and other characters are refused', async () => {
    const door = await openFrontDoor();
    const padded = Buffer.from(`${pem}\n`.padEnd(Math.ceil((pem.length + 1) / 3) * 3 + 1));
    const text = padded.toString('base64');
    expect(text).toMatch(/==$/);
    for (const csr of [
      text.replace(/==$/, ''),
      text.replace(/==$/, '='),
      `${text}=`,
      `${text}QUJD`,
      `${text} `,
      ` ${text}`,
      `${text.slice(0, 76)} ${text.slice(76)}`,
      `${text.slice(0, 76)}\t${text.slice(76)}`,
      `${text.slice(0, 76)}\\n${text.slice(76)}`,
      Buffer.from(`${pem}\u00ff\u00fe?>`).toString('base64url'),
      text.replace('A', '-'),
      text.replace('A', '_'),
      text.replace('A', '\0'),
      text.replace('A', '\u0410'),
      text.replace(/[AQgw]==$/, 'B=='),
      'wrong-csr',
      '=',
      '\n',
    ]) {
      await expectRefusal(door, JSON.stringify({ csr }), {
        reason: 'base64-malformed',
        error: base64Sentence,
      });
    }
    await expectRenewal(door, JSON.stringify({ csr: text }));
  });

  it('HI-E5: base64 of DER without PEM is refused', async () => {
    const door = await openFrontDoor();
    await expectRefusal(door, bodyOf(der), noBlock);
    await expectRefusal(door, bodyOf(Buffer.from(der).toString('base64')), noBlock);
  });

  it('HI-E6: PEM directly is refused as no base64', async () => {
    await expectRefusal(await openFrontDoor(), JSON.stringify({ csr: pem }), {
      reason: 'base64-malformed',
      error: base64Sentence,
    });
  });

  it.each([
    ['the older label', pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')],
    ['a label that nobody knows', pem.replaceAll('CERTIFICATE REQUEST', 'NONSENSE')],
    ['CRLF', pem.replaceAll('\n', '\r\n')],
    ['text before and after the block', `Certificate Request:\n  Data:\n${pem}the end, Zürich\n`],
    ['a second block of something else', `${pem}${pem.replaceAll(' REQUEST', '')}`],
    ['no line break at the end', pem.trimEnd()],
  ])('HI-E7: %s is accepted', async (_what, text) => {
    await expectRenewal(await openFrontDoor(), bodyOf(text));
  });

  it.each([
    ['without its end', pem.replace(/-----END[^]*/, '')],
    ['with another end', pem.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE')],
    ['with a character that is not base64', pem.replace('\nMI', '\nM!')],
    ['in the middle of a line', `here: ${pem}`],
    ['that is empty text', ' \n'],
  ])('HI-E7: a block %s is refused', async (_what, text) => {
    await expectRefusal(await openFrontDoor(), bodyOf(text), noBlock);
  });

  it('HI-E11: more than 16 KiB decoded is refused, exactly 16 KiB is not', async () => {
    const door = await openFrontDoor();
    const filled = (bytes: number) => bodyOf(pem.padEnd(bytes, '\n'));
    await expectRefusal(door, filled(16_385), {
      status: 413,
      reason: 'request-too-large',
      error: 'The certification request is larger than 16 KiB.',
    });
    await expectRenewal(door, filled(16_384));
  });

  it('HI-E13: csr that is empty, null or absent is no PEM block', async () => {
    const door = await openFrontDoor();
    for (const body of ['{"csr":""}', '{"csr":null}', '{}', 'null', '{"cs":"x"}', '{"":"x"}'])
      await expectRefusal(door, body, noBlock);
  });

  it('HI-E13: csr of another type is refused', async () => {
    const door = await openFrontDoor();
    for (const csr of ['7', '1e999', 'true', 'false', '[]', '{}', `["${base64}"]`]) {
      await expectRefusal(door, `{"csr":${csr}}`, {
        reason: 'field-invalid',
        error: 'Error while unmarshalling request body: csr must be a string.',
      });
    }
  });

  it('HI-E13: a body that is empty, no object or no JSON is refused', async () => {
    const door = await openFrontDoor();
    for (const [body, what] of [
      ['', 'it is empty.'],
      [' \r\n\t', 'it is empty.'],
      ['[]', 'it is not a JSON object.'],
      [`["${base64}"]`, 'it is not a JSON object.'],
      [JSON.stringify(base64), 'it is not a JSON object.'],
      ['7', 'it is not a JSON object.'],
      ['csr=AAAA', 'it is not valid JSON.'],
      [`{"csr":"${base64}"} x`, 'it is not valid JSON.'],
      [`{"csr":"${base64}"`, 'it is not valid JSON.'],
      [pem, 'it is not valid JSON.'],
      [Buffer.from(`{"csr":"${base64}\xff"}`, 'latin1'), 'it is not UTF-8.'],
    ] as const) {
      await expectRefusal(door, body, {
        reason: 'json-malformed',
        error: `Error while unmarshalling request body: ${what}`,
      });
    }
  });

  it('HI-E13: a body that ends inside the string is told how to switch line wrapping off', async () => {
    const door = await openFrontDoor();
    for (const body of [`{"csr":"${base64.slice(0, 76)}`, '{"csr":"', '{"csr', '{"csr":"AA\\"']) {
      await expectRefusal(door, body, {
        reason: 'json-cut-off',
        error:
          "Error while unmarshalling request body: it ends inside a string. If base64 wrapped its output, switch that off: base64 -w0, or base64 | tr -d '\\n'.",
      });
    }
  });
});
