import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { makeIsPublicAddress, makePublicLookup } from '../../src/notifications/public-address.js';
import { hostOf, wrongInWebhookUrl } from '../../src/notifications/webhook-url.js';

const isPublic = makeIsPublicAddress();
const strict = { allowsPrivate: false, isPublic };

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'localhost',
    '',
  ])('%s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each(['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '192.167.255.255', '223.255.255.255'])(
    '%s is public',
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );

  it.each(['2606:4700::1111', '2a00:1450::1'])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe('the look-up of a name', () => {
  const lookUp = (name: string, all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) => {
      makePublicLookup(isPublic)(name, { all }, (error, address) => {
        if (error) reject(error);
        else resolve(address);
      });
    });

  it.each([true, false])('is refused where an address is private (all: %s)', async (all) => {
    await expect(lookUp('localhost', all)).rejects.toThrow('EVERLEAF_WEBHOOK_PRIVATE=on');
  });

  it('gives the judged addresses, in the form that was asked for', async () => {
    const any = makePublicLookup(() => true);
    const one = await new Promise((resolve) =>
      any('127.0.0.1', {}, (_, address) => resolve(address)),
    );
    expect(one).toBe('127.0.0.1');
    const all = await new Promise((resolve) =>
      any('127.0.0.1', { all: true }, (_, addresses) => resolve(addresses)),
    );
    expect(all).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  it('fails where there is no such name', async () => {
    await expect(lookUp('no-such-name.invalid', true)).rejects.toMatchObject({
      syscall: 'getaddrinfo',
    });
  });
});

describe('the URL of a webhook', () => {
  it.each([
    'https://hooks.example.com/a?b=c',
    'https://hooks.example.com:8443/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://localhost.example.com/',
  ])('may be %s', (url) => {
    expect(wrongInWebhookUrl(url, strict)).toBeUndefined();
  });

  it.each([
    ['', 'has to be a URL'],
    ['hooks.example.com', 'has to be a URL'],
    [`https://a.example/${'x'.repeat(2048)}`, 'has to be a URL'],
    ['ftp://a.example/', 'has to begin with https://'],
    ['file:///etc/passwd', 'has to begin with https://'],
    ['javascript:alert(1)', 'has to begin with https://'],
    ['http://a.example/', 'has to begin with https://, unless EVERLEAF_WEBHOOK_PRIVATE=on'],
    ['https://user:pass@a.example/', 'holds no user and password'],
    ['https://a.example/#x', 'has no part behind a #'],
    ['https://localhost/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://localhost./', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://x.LOCALHOST/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://127.1/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://0x7f000001/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://2130706433/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://0177.0.0.1/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://１２７.0.0.1/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://[::1]/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://[::ffff:10.0.0.1]/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
    ['https://169.254.169.254/latest/meta-data/', 'EVERLEAF_WEBHOOK_PRIVATE=on allows'],
  ])('is not %s', (url, words) => {
    expect(wrongInWebhookUrl(url, strict)).toContain(words);
  });

  it.each(['http://localhost:9/', 'https://10.0.0.1/', 'http://[::1]:8080/x'])(
    'may be %s where private ones are allowed',
    (url) => {
      expect(wrongInWebhookUrl(url, { ...strict, allowsPrivate: true })).toBeUndefined();
    },
  );

  it('is judged for any text without a fault, and never leads to an address that is not public', () => {
    const hosts = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map((one) => `[${one}]`),
      fc.domain(),
    );
    const texts = fc.oneof(
      fc.string(),
      fc.webUrl(),
      hosts.map((host) => `https://${host}/`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        if (wrongInWebhookUrl(text, strict) !== undefined) return;
        const url = new URL(text);
        expect(url.protocol).toBe('https:');
        const host = hostOf(url);
        expect(isIP(host) === 0 || isPublic(host)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
