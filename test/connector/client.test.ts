import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  clientOf,
  clientOfSubject,
  holderName,
  subjectFieldsOf,
} from '../../src/connector/client.js';
import type { Client } from '../../src/connector/client.js';
import { makeHolderOfSubject } from '../../src/connector/holder-of-subject.js';
import { judgeClient } from '../../src/connector/judge-client.js';

const settings = { O: 'Organization', OU: 'OrgUnit', L: 'Waldorf', ST: 'Waldorf', C: 'DE' };

function isAccepted(client: Client): boolean {
  try {
    judgeClient(client);
    return true;
  } catch {
    return false;
  }
}

const name = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constant('*Runtime*'));
const anyClient = fc
  .record({
    kind: fc.constantFrom('application', 'runtime'),
    application: name,
    names: fc.option(fc.tuple(name, name)),
  })
  .map(({ kind, application, names }): Client => {
    const [tenant, group] = names ?? [null, null];
    return tenant === null || kind === 'application'
      ? { kind: 'application', application, tenant, group }
      : { kind: 'runtime', application: '', tenant, group };
  });
const client = anyClient.filter(isAccepted);

describe('the name of a client on record', () => {
  it('CS-1.6: is read back as the client that it was made of', () => {
    fc.assert(
      fc.property(client, (one) => {
        expect(clientOf({ kind: one.kind, holder: holderName(one) })).toEqual(one);
      }),
    );
  });

  it('CS-1.6: is no other client’s', () => {
    fc.assert(
      fc.property(client, client, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(holderName(one) === holderName(other)).toBe(isSame);
      }),
    );
  });

  it('CS-1.6: is found again from the subject that the client gets', () => {
    fc.assert(
      fc.property(client, (one) => {
        const mode = one.tenant === null ? 'standalone' : 'central';
        const subject = subjectFieldsOf(one, settings);
        expect(clientOfSubject(subject, mode)).toEqual(one);
        expect(makeHolderOfSubject(mode)(subject)).toEqual({
          kind: one.kind,
          holder: holderName(one),
        });
      }),
    );
  });

  it('CS-6: is not made of a subject whose names no token could have', () => {
    const inCentral = makeHolderOfSubject('central');
    const inStandalone = makeHolderOfSubject('standalone');
    for (const subject of [
      { O: '', OU: 'group', CN: 'app' },
      { O: 'tenant', OU: '', CN: 'app' },
      { O: 'a/b', OU: 'group', CN: 'app' },
      { O: 'tenant', OU: 'a/b', CN: '*Runtime*' },
      { O: 'tenant', OU: 'group', CN: 'a/b' },
    ]) {
      expect(() => inCentral(subject)).toThrow(/name must not/);
    }
    expect(() => inStandalone({ O: 'o', OU: 'ou', CN: 'tenant/group/app' })).toThrow(/must not/);
    expect(inStandalone({ O: 'o', OU: 'ou', CN: '*Runtime*' })).toEqual({
      kind: 'application',
      holder: '*Runtime*',
    });
  });
});
