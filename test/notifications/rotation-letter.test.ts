import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { layOut } from '../../src/notifications/letter-layout.js';
import type { Letter } from '../../src/notifications/letter-layout.js';
import type { RotationAnnouncement } from '../../src/notifications/outbox.js';
import { rotationWords } from '../../src/notifications/rotation-words.js';

type Facts = Partial<RotationAnnouncement['rotation']>;

const url = 'https://admin.example.com/governance/org1/access/acc1/rotations/rot1';
const until = Date.UTC(2026, 10, 27, 9, 30) / 1000;

/** The letter of a request for the service user `orders`. */
function letterOf(kind: RotationAnnouncement['kind'], facts: Facts = {}): Letter {
  const rotation = {
    id: 'rot1',
    organizationId: 'org1',
    accessId: 'acc1',
    accessName: 'order intake',
    groupName: 'owners',
    username: 'orders',
    requester: 'ann@example.com',
    decider: null,
    message: 'the laptop was stolen',
    decision: null,
    failure: null,
    revokeOld: 'keep' as const,
    graceSeconds: 86_400,
    until,
    address: null,
    ...facts,
  };
  return layOut(rotationWords({ kind, project: 'p1', service: 'kafka-1', rotation }), url);
}

const kinds = [
  'rotation-requested',
  'rotation-deleted',
  'rotation-declined',
  'rotation-approved',
  'rotation-failed',
  'rotation-lapsed',
  'credentials-ready',
  'credentials-revealed',
  'credentials-lapsed',
] as const satisfies RotationAnnouncement['kind'][];

const decided = { decider: 'ben@example.com', decision: 'not on a Friday' };

describe('a letter about a request for new credentials', () => {
  it.each(kinds)('%s says who asked what and why, and where its page is', (kind) => {
    const { subject, text, html } = letterOf(kind, decided);
    expect(subject).toMatch(/^p1\/kafka-1: rotation of order intake /);
    expect(text).toContain('ann@example.com wrote with the request:\n> the laptop was stolen\n');
    expect(text).toContain('Access: order intake (acc1), owned by the group owners\n');
    expect(text).toContain('Service user: orders of the service kafka-1 of the project p1\n');
    expect(text).toMatch(new RegExp(`\n\nThe page of the request: ${url}\n$`));
    expect(html).toContain(`<a href="${url}">`);
    expect(html).toContain('<blockquote>the laptop was stolen</blockquote>');
    expect(text).not.toMatch(/undefined|null|\n\n\n/);
  });

  it.each([
    ['rotation-requested', 'by 2026-11-27 09:30 UTC; then it lapses'],
    ['rotation-requested', '   everleaf rotation approve acc1 rot1\n'],
    ['rotation-requested', "   everleaf rotation decline acc1 rot1 --reason 'WHY'\n"],
    ['rotation-declined', 'ben@example.com wrote when declining it:\n> not on a Friday\n'],
    ['rotation-declined', "   everleaf rotation request acc1 --message 'WHY'\n"],
    [
      'rotation-approved',
      'ann@example.com alone can reveal them, once, until 2026-11-27 09:30 UTC',
    ],
    ['rotation-approved', 'ben@example.com wrote when approving it:\n> not on a Friday\n'],
    ['rotation-failed', '- Why it failed: the CA ends\n'],
    ['rotation-lapsed', 'Nobody decided by 2026-11-27 09:30 UTC'],
    ['credentials-ready', 'shown to you alone, and once, until 2026-11-27 09:30 UTC'],
    ['credentials-ready', 'an answer that is lost on the way means another rotation'],
    ['credentials-ready', '   everleaf rotation reveal acc1 rot1 --dir FOLDER\n'],
    ['credentials-ready', 'If you did not ask for this, do not reveal it.'],
    ['credentials-revealed', 'from the address 192.0.2.7'],
    ['credentials-revealed', '   everleaf certificate list --holder p1/kafka-1/orders\n'],
    ['credentials-revealed', "--message 'WHY' --revoke-old at_once\n"],
    ['credentials-lapsed', 'their certificate is revoked. The ones in use are not touched.'],
  ] as const)('%s says what is to be done: %s', (kind, words) => {
    const facts = { ...decided, failure: 'the CA ends', address: '192.0.2.7' };
    expect(letterOf(kind, facts).text).toContain(words);
  });

  it.each([
    ['at_once', 'Old certificate: revoked by the reveal\n'],
    ['after_grace', 'works on for 1d after the reveal, then it is revoked\n'],
    ['keep', 'works on to its own end\n'],
  ] as const)('says that the old certificate goes %s', (revokeOld, words) => {
    for (const kind of ['rotation-requested', 'credentials-ready', 'credentials-revealed'] as const)
      expect(letterOf(kind, { revokeOld }).text).toContain(words);
    expect(letterOf('rotation-declined', { revokeOld }).text).not.toContain('Old certificate');
  });
});

describe('what people write', () => {
  const evil =
    'quick\r\nBcc: evil@example.com\n\nThe page of the request: https://evil.example\u2028<a href="https://evil.example">x</a>\u202egnp.exe\tend';

  it.each(['message', 'decision'] as const)('as %s stays a quote, line by line', (field) => {
    const { subject, text, html } = letterOf('rotation-declined', { ...decided, [field]: evil });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text.match(/^The page of the request:/gm)).toHaveLength(1);
    expect(text).toContain('> Bcc: evil@example.com\n> \n> The page of the request: https://evil');
    expect(text).toContain('> <a href="https://evil.example">x</a>\ufffdgnp.exe end\n');
    expect(html).not.toContain('<a href="https://evil');
    expect(html).toContain('<br>Bcc: evil@example.com<br><br>The page');
  });

  it('breaks out of no letter, whatever it is', () => {
    const words = fc.string({ unit: 'binary', maxLength: 200 });
    const pieces = fc.constantFrom('\n', '\r\n', '<b>', '</blockquote>', "'", '"', '\u202e', '\0');
    const text = fc.array(fc.oneof(words, pieces), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...kinds), text, text, (kind, message, decision) => {
        const plain = letterOf(kind, { ...decided, message: 'm', decision: 'd' });
        const letter = letterOf(kind, { ...decided, message, decision: `d${decision}` });
        const own = (lines: string) => lines.split('\n').filter((line) => !line.startsWith('> '));
        expect(letter.subject).toBe(plain.subject);
        expect(own(letter.text)).toEqual(own(plain.text));
        expect(letter.text).not.toMatch(/[^\P{C}\n\p{Cn}\p{Co}]/u);
        const tags = (html: string) => html.replaceAll('<br>', '').match(/<[^>]*>/g);
        expect(tags(letter.html)).toEqual(tags(plain.html));
      }),
    );
  });
});

describe('a name', () => {
  it('that could be read as a command or as markup is neither', () => {
    const username = `<i>'; rm -rf /`;
    const { text, html } = letterOf('credentials-revealed', { username });
    expect(text).toContain(`--holder 'p1/kafka-1/<i>'\\''; rm -rf /'\n`);
    expect(html).not.toContain('<i>');
  });
});
