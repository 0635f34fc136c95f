import { expect, it } from '@jest/globals';
import { takeAnnounced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startReplicas } from '../support/replicas.js';
import { recordedCertificates } from '../support/record.js';
import { day, openServiceHouse, quickKeys } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

const services = 10;
const usersOfEach = 10;
const validity = 200 * day;

/** What this test thinks of one user; it knows the contract and nothing of how it is kept. */
interface Expected {
  readonly service: string;
  readonly username: string;
  readonly lead: number;
  /** Some are acknowledged so many days after each renewal, some never. */
  readonly acknowledgedAfter: number | undefined;
  certificates: number;
  notAfter: number;
  pending: { oldNotAfter: number; renewedAt: number; toldAt: number } | undefined;
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const reminderDays = new Set([180, 150, 120, 90, 60, 30, 23, 16, 9, 7, 6, 5, 4, 3, 2, 1, 0]);

/** Whether a reminder fell due since the user was told of last: midnight UTC, so many days before the day of the end. */
function isReminded({ oldNotAfter, toldAt }: NonNullable<Expected['pending']>, now: number) {
  if (now >= oldNotAfter) return false;
  for (let midnight = Math.ceil((toldAt + 1) / day) * day; midnight <= now; midnight += day)
    if (reminderDays.has(Math.floor(oldNotAfter / day) - midnight / day)) return true;
  return false;
}

/** What a pass must announce, by the contract. */
function expectPass(users: readonly Expected[], now: number): string[] {
  const told: string[] = [];
  for (const service of new Set(users.map((user) => user.service))) {
    const some = users.filter((user) => user.service === service);
    const renewed = some.filter((user) => user.notAfter - now <= user.lead);
    const reminded = some.filter(
      (user) => !renewed.includes(user) && user.pending && isReminded(user.pending, now),
    );
    for (const user of renewed) {
      user.pending = { oldNotAfter: user.notAfter, renewedAt: now, toldAt: now };
      user.notAfter = now + validity;
      user.certificates += 1;
    }
    for (const { pending } of reminded) if (pending) pending.toldAt = now;
    const kinds = [
      ['certificate-renewed', renewed],
      ['certificate-reminder', reminded],
    ] as const;
    for (const [kind, named] of kinds) {
      if (named.length === 0) continue;
      const names = named.map(({ username }) => username).join(',');
      told.push(`${kind} p1/${service} ${names} -> mail admin@example.com`);
    }
  }
  return told.sort();
}

async function addUsers(house: ServiceHouse, random: () => number): Promise<Expected[]> {
  const users: Expected[] = [];
  for (let index = 0; index < services; index += 1) {
    const service = `s-${String(index)}`;
    const lead = (20 + 10 * index) * day;
    await house.addService({ name: service, validitySeconds: validity, renewBeforeSeconds: lead });
    for (let number = 0; number < usersOfEach; number += 1) {
      const username = `u-${String(number)}`;
      // Some of a service end together, some apart.
      const days = number < 4 ? 150 : 30 + random() * 170;
      const user = await house.addUser(username, {
        service,
        validitySeconds: Math.floor(days * day),
      });
      users.push({
        service,
        username,
        lead,
        acknowledgedAfter: random() < 0.4 ? undefined : Math.floor(random() * 60),
        certificates: 1,
        notAfter: user.pair?.notAfter ?? 0,
        pending: undefined,
      });
    }
  }
  return users;
}

describeOnEachDatabase('two gateways over 24 months with 100 service users', (fresh) => {
  it('SU-R4 SU-N4 SU-N7: renew each in time and miss and repeat no announcement', async () => {
    const random = seeded(20);
    const replicas = [...(await startReplicas((await fresh()).url, quickKeys))];
    const [first] = replicas;
    if (!first) throw new Error('no gateway');
    const { clock } = first;
    const house = await openServiceHouse(first);
    await house.addMember('admin');
    const users = await addUsers(house, random);

    for (let days = 0; days < 730; days += 1) {
      clock.advance(day + Math.floor((random() - 0.5) * 7200));
      const now = clock.now();
      for (const user of users) {
        const { pending, acknowledgedAfter = Infinity } = user;
        if (!pending || now - pending.renewedAt < acknowledgedAfter * day) continue;
        expect(await house.acknowledge(await house.find(user.username, user))).toBe(true);
        user.pending = undefined;
      }
      const [restarted] = replicas.slice(1);
      if (restarted && days % 100 === 50) replicas[1] = await restarted.restart();

      await Promise.all(replicas.map((gateway) => gateway.renewServiceUsers()));

      expect(await takeAnnounced(first)).toEqual(expectPass(users, now));
    }

    const certificates = users.reduce((sum, user) => sum + user.certificates, 0);
    expect(certificates).toBeGreaterThan(4 * users.length);
    expect(await recordedCertificates(first, 'service-user')).toHaveLength(certificates);
    for (const user of users) {
      const { pair } = await house.find(user.username, user);
      expect(pair?.notAfter).toBe(user.notAfter);
    }
    expect(replicas.flatMap(({ logs }) => logs.filter(({ level }) => level === 'error'))).toEqual(
      [],
    );
  }, 120_000);
});
