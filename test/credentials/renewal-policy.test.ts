import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseRecipients } from '../../src/credentials/recipient-policy.js';
import { isDue, isGain } from '../../src/credentials/renewal-policy.js';
import { effectiveRenewalSettings } from '../../src/credentials/renewal-settings.js';

const day = 86_400;
const kafka = { type: 'kafka', userConfig: {}, isPowered: true };
const settings = { validitySeconds: 820 * day, renewBeforeSeconds: 90 * day };
const unset = { validitySeconds: null, renewBeforeSeconds: null };

describe('whether a service user is due', () => {
  it('begins at the second at which the lead is left', () => {
    const known = { notAfter: 1000 * day, service: kafka, settings };
    expect(isDue({ ...known, now: 910 * day - 1 })).toBe(false);
    expect(isDue({ ...known, now: 910 * day })).toBe(true);
    expect(isDue({ ...known, now: 2000 * day })).toBe(true);
  });

  it.each([
    ['without power', { ...kafka, isPowered: false }],
    [
      'without certificate authentication',
      { ...kafka, userConfig: { kafka_authentication_methods: { certificate: false } } },
    ],
    ['of a type that has no certificates', { ...kafka, type: 'pg' }],
  ])('is never so %s', (_, service) => {
    expect(isDue({ now: 1000 * day, notAfter: 1000 * day, service, settings })).toBe(false);
  });

  it('is never so at once after a renewal, whatever the settings are', () => {
    const seconds = fc.integer({ min: 1, max: 3_000_000_000 });
    fc.assert(
      fc.property(seconds, seconds, seconds, (now, validitySeconds, renewBeforeSeconds) => {
        const own = effectiveRenewalSettings(unset, unset, { validitySeconds, renewBeforeSeconds });
        const known = { now, notAfter: now + validitySeconds, service: kafka, settings: own };
        expect(isDue(known)).toBe(false);
      }),
    );
  });

  it('asks the service, then its project, then the gateway', () => {
    const project = { validitySeconds: 10 * day, renewBeforeSeconds: 3 * day };
    expect(effectiveRenewalSettings(unset, unset, settings)).toEqual(settings);
    expect(effectiveRenewalSettings(unset, project, settings)).toEqual(project);
    expect(
      effectiveRenewalSettings({ ...unset, renewBeforeSeconds: day }, project, settings),
    ).toEqual({
      validitySeconds: 10 * day,
      renewBeforeSeconds: day,
    });
  });

  it('helps only where the authority has more time to give', () => {
    const known = { now: 0, notAfter: 50 * day, settings };
    expect(isGain(known, 50 * day)).toBe(false);
    expect(isGain(known, 50 * day + 1)).toBe(true);
    expect(isGain({ ...known, notAfter: 820 * day }, 9000 * day)).toBe(false);
  });
});

describe('who hears of a service', () => {
  const contacts = {
    members: ['admin@example.com', 'operator@example.com'],
    organizationAdmins: ['root@example.com'],
    project: ['ops@example.com'],
    service: { techEmails: [], userConfig: {} },
  };
  const own = { techEmails: ['team@example.com'], userConfig: {} };
  const serviceOnly = { everleaf_recipients: 'service' };

  it.each([
    ['members and project', contacts, ['admin@', 'operator@', 'ops@']],
    [
      'the addresses of the service instead of the project',
      { ...contacts, service: own },
      ['admin@', 'operator@', 'team@'],
    ],
    ['the service alone', { ...contacts, service: { ...own, userConfig: serviceOnly } }, ['team@']],
    [
      'everybody where the service alone would be nobody',
      { ...contacts, service: { techEmails: [], userConfig: serviceOnly } },
      ['admin@', 'operator@', 'ops@'],
    ],
    [
      'the admins of the organisation where the project has no people',
      { ...contacts, members: [] },
      ['root@', 'ops@'],
    ],
    [
      'everybody once, in whatever letter case',
      { ...contacts, members: ['jo@example.com'], project: ['Jo@Example.com', 'jo@example.com'] },
      ['jo@'],
    ],
  ])('is %s', (_, given, expected) => {
    expect(chooseRecipients(given)).toEqual(expected.map((name) => `${name}example.com`));
  });
});
