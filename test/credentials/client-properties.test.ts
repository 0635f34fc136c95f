import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatClientProperties } from '../../src/credentials/client-properties.js';
import { exportCredentials } from '../../src/credentials/export-credentials.js';
import { readStorePassword } from '../../src/pki/pkcs12-password.js';
import { makeIssuer } from '../pki/issuing.js';
import { makeCredentials } from './credential-texts.js';

/** As java.util.Properties reads lines of `name=value`: first spaces go, escapes are resolved. */
function readProperties(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/[\r\n]+/).filter((line) => !/^\s*([#!]|$)/.test(line));
  const pairs = lines.map((line) => {
    const [, name = '', value = ''] = /^([a-z.]+)\s*=\s*(.*)$/.exec(line) ?? [];
    const read = value.replace(/\\u([0-9a-f]{4})|\\(.)/g, (_all, hex?: string, letter = '') =>
      hex === undefined ? String(letter) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return [name, read] as const;
  });
  return Object.fromEntries(pairs);
}

const stores = { keyStore: 'a.p12', trustStore: 'b.p12', password: readStorePassword('secret') };

describe('client.properties', () => {
  it('is all that a Kafka client needs, and leaves the check of host names on', async () => {
    const { order } = await makeCredentials([await makeIssuer()]);
    const files = await exportCredentials(
      { ...order, bootstrapServers: 'kafka.example.com:9093' },
      randomBytes,
    );
    expect(readProperties(Buffer.from(files['client.properties']).toString())).toEqual({
      'bootstrap.servers': 'kafka.example.com:9093',
      'security.protocol': 'SSL',
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': 'client.keystore.p12',
      'ssl.keystore.password': order.password,
      'ssl.key.password': order.password,
      'ssl.truststore.type': 'PKCS12',
      'ssl.truststore.location': 'client.truststore.p12',
      'ssl.truststore.password': order.password,
    });
  });

  it('names no servers where none are given', () => {
    expect(formatClientProperties(stores)).not.toContain('bootstrap');
  });

  it('escapes what a reader would take for its own', () => {
    const password = readStorePassword('a\\u0041 #!=:\\');
    expect(formatClientProperties({ ...stores, password })).toContain(
      'ssl.key.password=a\\\\u0041 #!=:\\\\\n',
    );
  });

  it('gives every value back, in ASCII, and never begins a line with one', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ unit: fc.constantFrom(' ', '\\', '\n', '\r', '\t', '=', '#', 'u', 'é') }),
    );
    fc.assert(
      fc.property(value, (bootstrapServers) => {
        const written = formatClientProperties({ ...stores, bootstrapServers });
        expect(written).toMatch(/^[\n -~]*$/);
        const read = readProperties(written);
        expect(read['bootstrap.servers']).toBe(bootstrapServers);
        expect(Object.keys(read)).toHaveLength(9);
      }),
      { numRuns: 300 },
    );
  });
});
