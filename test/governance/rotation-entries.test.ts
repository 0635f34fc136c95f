import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { rotationEntries } from '../../src/governance/rotation-entries.js';
import type { RotationTidings } from '../../src/governance/rotation-entries.js';

const member = (userId: string) => ({
  userId,
  email: `${userId}@example.com`,
  realName: userId,
  joinedAt: 0,
});

/** A request by Ann that Ben decided on; Cleo is the third of the group. */
const tidings: Omit<RotationTidings, 'kinds'> = {
  access: {
    id: 'acc1',
    organizationId: 'org1',
    name: 'orders',
    ownerGroupId: 'ug1',
    user: { id: 'su1', project: 'p1', service: 'kafka-1', username: 'orders' },
    acls: [],
    createdBy: 'root',
    createdAt: 0,
  },
  group: { id: 'ug1', name: 'owners', members: ['ann', 'ben', 'cleo'].map(member) },
  rotation: {
    id: 'rot1',
    accessId: 'acc1',
    requesterId: 'ann',
    message: 'why',
    revokeOld: 'keep',
    state: 'approved',
    createdAt: 0,
    lapsesAt: 1,
    decidedBy: 'ben',
    decidedAt: 0,
    decision: null,
    failure: null,
    credentials: undefined,
  },
  requester: 'ann@example.com',
  decider: 'ben@example.com',
  address: undefined,
  graceSeconds: 0,
  audience: { requester: 'ann@example.com', webhooks: ['wh1'] },
};

/** The rows of the README: what a webhook calls it, and who gets a mail. */
function readTable(): { kind: RotationTidings['kinds'][number]; people: string[] }[] {
  const section = readFileSync('README.md', 'utf8').split('### Who hears of what')[1];
  return (section?.match(/^\|.*`governance\.[a-z_]+` *\|$/gm) ?? []).map((row) => {
    const [, , ann, ben, cleo, type = ''] = row.split('|').map((cell) => cell.trim());
    const kind = type.slice('`governance.'.length, -1).replaceAll('_', '-');
    const people = Object.entries({ ann, ben, cleo }).filter(([, cell]) => cell === 'mail');
    return {
      kind: kind as RotationTidings['kinds'][number],
      people: people.map(([name]) => `${name}@example.com`),
    };
  });
}

describe('who hears of what', () => {
  const table = readTable();

  it('stands in the README for every kind', () => {
    expect(new Set(table.map(({ kind }) => kind)).size).toBe(9);
  });

  it.each(table)('SU-G1, SU-G6, SU-G8: $kind goes to $people and the webhooks', (row) => {
    const entries = rotationEntries({ ...tidings, kinds: [row.kind] });
    const heard = (channel: string) =>
      entries.filter((entry) => entry.channel === channel).map(({ recipient }) => recipient);
    expect(heard('mail').sort()).toEqual(row.people);
    expect(heard('webhook')).toEqual(['wh1']);
  });

  it('never asks the one who asked to decide', () => {
    const undecided = { ...tidings.rotation, decidedBy: null };
    const entries = rotationEntries({
      ...tidings,
      rotation: undecided,
      kinds: ['rotation-requested'],
    });
    expect(entries.map(({ recipient }) => recipient)).not.toContain('ann@example.com');
  });
});
