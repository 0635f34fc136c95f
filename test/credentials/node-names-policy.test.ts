import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalHost, hostsOf, isNodeHost } from '../../src/credentials/node-hosts.js';
import { judgeNodeNames } from '../../src/credentials/node-names-policy.js';
import { Failure } from '../../src/failure.js';

const hosts = ['a.example.com', '*.w.example.com', '10.0.0.1', '2001:db8::1'];

function judged(dnsNames: string[], ipAddresses: string[] = [], commonName?: string) {
  const requested = { dnsNames, ipAddresses, others: 0 };
  try {
    return judgeNodeNames({ requested, commonName, hosts });
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

describe('the hosts of a service', () => {
  it.each([
    ['b1', true],
    ['b1.example.com', true],
    ['B1.Example.COM', true],
    ['*.example.com', true],
    ['10.0.0.1', true],
    ['2001:DB8::1', true],
    ['', false],
    ['*', false],
    ['*.', false],
    ['b1.*.com', false],
    ['*.*.com', false],
    ['b1*.com', false],
    ['-b.com', false],
    ['b..com', false],
    ['b.com.', false],
    ['b_1', false],
    ['fe80::1%eth0', false],
    [`${'a'.repeat(64)}.com`, false],
    [Array(64).fill('abc').join('.'), false],
  ])('%s: %s', (text, expected) => {
    expect(isNodeHost(text)).toBe(expected);
  });

  it('are each once in one spelling, and what is none is left out', () => {
    const userConfig = { hosts: ['B.example.com', 'b.example.com', 7, 'a b', '0:0:0:0:0:0:0:1'] };
    expect(hostsOf({ host: 'A.example.com', userConfig })).toEqual([
      'a.example.com',
      'b.example.com',
      '::1',
    ]);
    for (const nothing of [{}, { hosts: 'a' }, { hosts: null }])
      expect(hostsOf({ host: '', userConfig: nothing })).toEqual([]);
    expect(canonicalHost('2001:0DB8:0::1')).toBe('2001:db8::1');
  });
});

describe('judgeNodeNames', () => {
  it('takes what a service names and what is one label below a wildcard, once', () => {
    expect(judged(['A.example.com', 'a.EXAMPLE.com', 'x.w.example.com'], ['10.0.0.1'])).toEqual({
      dnsNames: ['a.example.com', 'x.w.example.com'],
      ipAddresses: ['10.0.0.1'],
    });
    expect(judged(['*.w.example.com'])).toMatchObject({ dnsNames: ['*.w.example.com'] });
  });

  it.each([
    [['*.example.com']],
    [['w.example.com']],
    [['y.x.w.example.com']],
    [['*.x.w.example.com']],
    [['.w.example.com']],
    [['-.w.example.com']],
    [['x\0.w.example.com']],
    [['\u212a.example.com', 'a.example.com']],
    [['10.0.0.1']],
    [['']],
    [['a.example.com', 'b.example.com']],
  ])('refuses %j', (names) => {
    expect(judged(names)).toBe('subject-mismatch');
  });

  it('takes the common name alone, and never beside other names', () => {
    expect(judged([], [], 'a.example.com')).toMatchObject({ dnsNames: ['a.example.com'] });
    expect(judged([], [], '10.0.0.1')).toMatchObject({ ipAddresses: ['10.0.0.1'] });
    expect(judged([], [], 'other')).toBe('subject-mismatch');
    expect(judged([], [], '')).toBe('subject-mismatch');
    expect(judged([])).toBe('subject-mismatch');
    expect(judged(['a.example.com'], [], 'other')).toEqual({
      dnsNames: ['a.example.com'],
      ipAddresses: [],
    });
  });

  it('never names what is not covered, whatever is asked for', () => {
    const label = fc.constantFrom('a', 'x', '*', 'w', 'example', 'com', '', '\0', 'W', '10.0.0.1');
    const name = fc.array(label, { maxLength: 6 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), (names) => {
        const answer = judged(names);
        if (typeof answer === 'string') return;
        for (const one of answer.dnsNames)
          expect(one).toMatch(/^(a\.example\.com|(\*|[a-z]+)\.w\.example\.com)$/);
        expect(answer.dnsNames.length).toBeGreaterThan(0);
      }),
    );
  });
});
