import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseForwardedClientCert } from '../../src/http/forwarded-client-cert.js';
import { millisecondsOf } from '../pki/time-it.js';

const hash = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688';
const other = '9ba61d6425303443c0748a02dd8de688468ed33be74eee6556d90c0149c1309e';
const pem = '-----BEGIN%20CERTIFICATE-----%0AMIIB%2Bg%3D%3D%0A-----END%20CERTIFICATE-----%0A';
const bare = { hash: undefined, cert: undefined, chain: undefined };

/** What Envoy sends, by its settings. */
const fromEnvoy: readonly (readonly [string, string, readonly object[]])[] = [
  [
    'a URI and a subject',
    `By=http://frontend.lyft.com;Hash=${hash};Subject="/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client";URI=http://testclient.lyft.com`,
    [{ ...bare, hash }],
  ],
  [
    'two hops of APPEND_FORWARD',
    `By=http://frontend.lyft.com;Hash=${hash};URI=http://testclient.lyft.com,By=http://backend.lyft.com;Hash=${other};URI=http://frontend.lyft.com`,
    [
      { ...bare, hash },
      { ...bare, hash: other },
    ],
  ],
  [
    'several alternative names',
    `By=http://frontend.lyft.com;Hash=${hash};Subject="CN=Test Client,OU=Lyft,C=US";URI=http://testclient.lyft.com;DNS=lyft.com;DNS=www.lyft.com`,
    [{ ...bare, hash }],
  ],
  ['SANITIZE_SET with cert', `Hash=${hash};Cert="${pem}"`, [{ ...bare, hash, cert: pem }]],
  [
    'certificate and chain',
    `Hash=${hash};Cert="${pem}";Chain="${pem}${pem}";Subject=""`,
    [{ hash, cert: pem, chain: pem + pem }],
  ],
  [
    'a mesh: the client, then the sidecar without a subject',
    `By=spiffe://cluster.local/ns/kyma/sa/gateway;Hash=${hash};Subject="CN=app,OU=OrgUnit,O=Organization,L=Waldorf,ST=Waldorf,C=DE";URI=,By=spiffe://cluster.local/ns/kyma/sa/everleaf;Hash=${other};Subject="";URI=spiffe://cluster.local/ns/istio-system/sa/ingressgateway`,
    [
      { ...bare, hash },
      { ...bare, hash: other },
    ],
  ],
  ['a proxy without a name of its own', `By=;Hash=${hash}`, [{ ...bare, hash }]],
  [
    'a subject with a quote and a comma',
    `Hash=${hash};Subject="CN=a\\\\\\"b\\,c;Hash=${other}"`,
    [{ ...bare, hash }],
  ],
];

describe('HI-P2: parseForwardedClientCert', () => {
  it.each(fromEnvoy)('reads what Envoy sends: %s', (_what, line, elements) => {
    expect(parseForwardedClientCert(line)).toEqual(elements);
  });

  it('reads keys in any case, and spaces around elements', () => {
    expect(parseForwardedClientCert(` hash=a , HASH=b,\tHash="c" `)).toEqual([
      { ...bare, hash: 'a' },
      { ...bare, hash: 'b' },
      { ...bare, hash: 'c' },
    ]);
  });

  it('ends a quoted value after an escaped backslash, so that no subject reaches out of its quotes', () => {
    expect(parseForwardedClientCert('Subject="CN=a\\\\";Hash=b')).toEqual([{ ...bare, hash: 'b' }]);
    expect(parseForwardedClientCert('Hash=b;Subject="x\\\\\\";Hash=c"')).toEqual([
      { ...bare, hash: 'b' },
    ]);
  });

  it.each([
    '',
    ' ',
    ',',
    ';',
    '=',
    '=a',
    'Hash',
    'Hash=a,',
    ',Hash=a',
    'Hash=a,,Hash=b',
    'Hash=a;',
    'Hash=a;;By=b',
    'Hash=a; By=b',
    'Hash =a',
    'Hash=a;Hash=a',
    'Hash=a;hash=b',
    'Cert="a";Cert="a"',
    'Chain=a;Chain=b',
    'Subject="a";Subject="b"',
    'Hash="a',
    'Hash="a"b',
    'Hash="a" ;By=b',
    'Hash=a"b"',
    'Hash="a\\"',
    'Hash="a\\',
    'Ha-sh=a',
    '"Hash"=a',
    `${'k'.repeat(17)}=a`,
  ])('refuses "%s"', (line) => {
    expect(parseForwardedClientCert(line)).toBeUndefined();
  });

  it.each(fromEnvoy)('is not taken for another certificate where it is cut: %s', (_what, line) => {
    for (let length = 0; length < line.length; length += 1) {
      for (const element of parseForwardedClientCert(line.slice(0, length)) ?? []) {
        const told = element.hash ?? '';
        expect(hash.startsWith(told) || other.startsWith(told)).toBe(true);
        expect([undefined, '', pem, pem + pem]).toContain(element.cert);
      }
    }
  });

  it('reads every list that is written by the rules', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '=', '"', '\\', '%') });
    const quote = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
    const element = fc.record({ hash: text, cert: text, subject: text });
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 5 }), (elements) => {
        const written = elements.map(
          ({ hash: h, cert, subject }) =>
            `Subject=${quote(subject)};Hash=${quote(h)};Cert=${quote(cert)};By=a;By=b`,
        );
        expect(parseForwardedClientCert(written.join(','))).toEqual(
          elements.map(({ hash: h, cert }) => ({ ...bare, hash: h, cert })),
        );
      }),
    );
  });

  it('answers whatever it is given, in no time', () => {
    const letters = fc.string({ unit: fc.constantFrom('Hash=', ',', ';', '"', '\\', 'a', ' ') });
    fc.assert(
      fc.property(fc.oneof(letters, fc.string()), (line) => {
        for (const element of parseForwardedClientCert(line) ?? [])
          expect(Object.keys(element)).toEqual(['hash', 'cert', 'chain']);
      }),
    );
    const many = 16_384;
    for (const part of ['"', '\\', ',', '=', ' ', 'a', 'Hash=a,', 'By=a;', 'By="\\"";', 'By="']) {
      const line = part.repeat(many / part.length);
      expect(millisecondsOf(() => parseForwardedClientCert(line))).toBeLessThan(50);
      expect(millisecondsOf(() => parseForwardedClientCert(`By="${line}`))).toBeLessThan(50);
    }
  });
});
