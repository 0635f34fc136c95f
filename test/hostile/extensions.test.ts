import { describe, expect, it } from '@jest/globals';
import { encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { makeKey, makeRequest, makeRequestAttribute } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { auditEventsOf, bodyOf, expectRenewal, openFrontDoor } from './front-door.js';

const key = makeKey('prime256v1');
const profile = [
  'X509v3 Key Usage: critical',
  'X509v3 Extended Key Usage:',
  'X509v3 Subject Key Identifier:',
  'X509v3 Authority Key Identifier:',
];

/** A certification request's extension: its dotted type and the hex of its value. */
function extension(type: string, valueHex: string, isCritical = false): Uint8Array {
  const critical = isCritical ? [Buffer.from([1, 1, 0xff])] : [];
  return encodeSequence(
    encodeOid(type),
    ...critical,
    encodeDer(0x04, Buffer.from(valueHex.replaceAll(' ', ''), 'hex')),
  );
}

/** A request for a CA that may do everything everywhere. */
const everything = [
  extension(oids.basicConstraints, '3003 0101ff', true),
  extension(oids.keyUsage, '0302 0106', true),
  extension(oids.extendedKeyUsage, '3014 0608 2b06010505070301 0608 2b06010505070303'),
  extension(oids.subjectAltName, '300d 820b 6578616d706c652e636f6d'),
  extension(oids.subjectKeyIdentifier, '0404 01020304'),
  extension(oids.authorityKeyIdentifier, '3006 8004 01020304'),
  extension(oids.cRLDistributionPoints, '3011 300f a00d a00b 8609 687474703a2f2f782f'),
  extension('1.2.3.4.5', '0500', true),
];
const names = [
  'basicConstraints',
  'keyUsage',
  'extendedKeyUsage',
  'subjectAltName',
  'subjectKeyIdentifier',
  'authorityKeyIdentifier',
  'cRLDistributionPoints',
  '1.2.3.4.5',
];

const asked = (type: string, extensions: readonly Uint8Array[]) =>
  makeRequestAttribute(type, encodeSequence(...extensions));

/** The extensions of a certificate by their headings, as openssl prints them. */
async function headingsOf(certificate: string): Promise<string[]> {
  const text = await outputOf(['openssl', 'x509', '-noout', '-text'], { input: certificate });
  const [, extensions = ''] =
    /X509v3 extensions:\n([^]*)\n {4}Signature Algorithm/.exec(text) ?? [];
  return extensions.split('\n').flatMap((line) => /^ {12}(\S.*?) *$/.exec(line)?.[1] ?? []);
}

describe('HI-X1: what a certification request asks for besides its key', () => {
  it.each([
    ['extensionRequest', oids.extensionRequest],
    ["Microsoft's own attribute", '1.3.6.1.4.1.311.2.1.14'],
  ])('is not in the certificate, and the audit event lists it: %s', async (_name, type) => {
    const door = await openFrontDoor();
    const plain = await expectRenewal(door, bodyOf(makeRequest({ key }).pem));
    const attributes = asked(type, everything);
    const certificate = await expectRenewal(door, bodyOf(makeRequest({ key, attributes }).pem));
    expect(await headingsOf(certificate)).toEqual(await headingsOf(plain));
    expect((await headingsOf(certificate)).sort()).toEqual([...profile].sort());
    const text = await outputOf(['openssl', 'x509', '-noout', '-text'], { input: certificate });
    expect(text).toMatch(/Key Usage: critical\n *Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \n *TLS Web Client Authentication\n/);
    expect(text).not.toMatch(
      /CA:TRUE|Certificate Sign|Server|example|http:|1\.2\.3\.4\.5|01:02:03:04/,
    );
    const event = (await auditEventsOf(door.gateway)).at(-1);
    expect(event?.action).toBe('certificate.renewed');
    expect(JSON.parse(event?.detail ?? '')).toEqual({
      predecessor: door.holder.sha256,
      ignored: names,
    });
  });

  it('is not in the first certificate either, and its audit event lists it', async () => {
    const door = await openFrontDoor();
    const attributes = asked(oids.extensionRequest, everything);
    const { status, body } = await door.enrol(bodyOf(makeRequest({ key, attributes }).pem));
    expect(status).toBe(201);
    const certificate = Buffer.from(String(body.clientCrt), 'base64').toString();
    expect((await headingsOf(certificate)).sort()).toEqual([...profile].sort());
    const event = (await auditEventsOf(door.gateway)).at(-1);
    expect(event?.action).toBe('certificate.enrolled');
    expect(JSON.parse(event?.detail ?? '')).toMatchObject({ ignored: names });
  });

  it('is listed as nothing when it is nothing', async () => {
    const door = await openFrontDoor();
    await expectRenewal(door, bodyOf(makeRequest({ key }).pem));
    const event = (await auditEventsOf(door.gateway)).at(-1);
    expect(JSON.parse(event?.detail ?? '')).toMatchObject({ ignored: [] });
  });

  it('is listed with at most twenty names, of hundreds', async () => {
    const door = await openFrontDoor();
    const many = Array.from({ length: 240 }, (_none, index) => extension(`1.2.3.${index}`, '0500'));
    const attributes = asked(oids.extensionRequest, many);
    await expectRenewal(door, bodyOf(makeRequest({ key, attributes }).pem));
    const event = (await auditEventsOf(door.gateway)).at(-1);
    expect(JSON.parse(event?.detail ?? '').ignored).toHaveLength(20);
  });
});
