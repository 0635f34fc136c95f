import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/failure.js';
import { encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { readRequestedNames } from '../../src/pki/requested-names.js';
import { alternativeNames, makeNodeRequest } from '../support/node-requests.js';
import { makeExtensionRequest, makeKey, makeRequest } from '../support/requests.js';
import { makeRequestAttribute } from '../support/requests.js';

const key = makeKey('prime256v1');
const withExtensions = (...extensions: Uint8Array[]) =>
  makeRequest({
    key,
    attributes: makeRequestAttribute(oids.extensionRequest, encodeSequence(...extensions)),
  });

function outcome(der: Uint8Array): unknown {
  try {
    return readRequestedNames({ der: der as never });
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

describe('the names that a request asks for', () => {
  it('are its DNS names and addresses; other kinds are counted', () => {
    const { der } = makeNodeRequest(['DNS:a', 'URI:b', 'IP:10.0.0.1', 'DNS:*.c', 'IP:::1']);
    expect(outcome(der)).toEqual({
      dnsNames: ['a', '*.c'],
      ipAddresses: ['10.0.0.1', '::1'],
      others: 1,
    });
  });

  it('are none without the extension', () => {
    const none = { dnsNames: [], ipAddresses: [], others: 0 };
    expect(outcome(makeRequest({ key }).der)).toEqual(none);
    const attributes = makeExtensionRequest(oids.keyUsage);
    expect(outcome(makeRequest({ key, attributes }).der)).toEqual(none);
    const other = makeRequestAttribute('1.2.840.113549.1.9.7', alternativeNames('DNS:a'));
    expect(outcome(makeRequest({ key, attributes: other }).der)).toEqual(none);
  });

  it('are refused where they are malformed or asked for twice', () => {
    const twice = withExtensions(alternativeNames('DNS:a'), alternativeNames('DNS:b'));
    expect(outcome(twice.der)).toBe('request-malformed');
    const wrongAddress = encodeSequence(
      encodeOid(oids.subjectAltName),
      encodeDer(0x04, encodeSequence(encodeDer(0x87, Buffer.alloc(5)))),
    );
    expect(outcome(withExtensions(wrongAddress).der)).toBe('request-malformed');
    const noSequence = encodeSequence(encodeOid(oids.subjectAltName), encodeDer(0x04, Buffer.of()));
    expect(outcome(withExtensions(noSequence).der)).toBe('request-malformed');
  });

  it('are read or refused, whatever is cut, added or changed', () => {
    const { der } = makeNodeRequest(['DNS:a.example.com', 'IP:10.0.0.1'], { key });
    for (let length = 0; length < der.length; length += 1)
      expect(outcome(der.subarray(0, length))).toBe('request-malformed');
    fc.assert(
      fc.property(
        fc.nat(der.length - 1),
        fc.nat(255),
        fc.uint8Array({ maxLength: 3 }),
        (...drawn) => {
          const [at, byte, more] = drawn;
          const changed = Buffer.concat([der, more]);
          changed[at] = byte;
          const read = outcome(changed);
          if (more.length > 0) expect(read).toBe('request-malformed');
        },
      ),
      { numRuns: 2000 },
    );
  });
});
