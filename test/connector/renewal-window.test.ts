import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { renewalWindow } from '../../src/connector/renewal-window.js';
import { commandLine } from '../support/command-line.js';
import { call, holderFrom, pair, renew, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { idOf, rotate } from '../support/roll-over.js';
import { openService } from '../support/services.js';
import { managementPath } from './shape.js';

const day = 86_400;
const notBefore = 1_800_000_000;
const year = { notBefore, notAfter: notBefore + 360 * day, hintedAt: null };

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface AskedWindow {
  readonly start: number;
  readonly end: number;
  readonly retryAfter: number;
}

/** The window as its holder is told it, seconds UTC. */
async function ask(gateway: TestGateway, holder: Holder): Promise<AskedWindow> {
  const { body, headers } = await call(gateway, 'get', managementPath, holder).expect(200);
  const [start, end] = [Date.parse(body.renewal.start), Date.parse(body.renewal.end)];
  return { start: start / 1000, end: end / 1000, retryAfter: Number(headers['retry-after']) };
}

async function isHinted(gateway: TestGateway, holder: Holder): Promise<boolean> {
  const { start, end } = await ask(gateway, holder);
  if (start >= end) throw new Error('the window ends before it begins');
  return end < gateway.clock.now();
}

async function renewWithNewKey(gateway: TestGateway, holder: Holder): Promise<Holder> {
  const key = makeKey('prime256v1');
  const { body } = await renew(gateway, holder, { key }).expect(201);
  return holderFrom(body, { application: holder.application, key });
}

describe('the suggested window', () => {
  it('is spread evenly over a twelfth of the life for a fleet that was paired at once', () => {
    const starts = Array.from({ length: 1000 }, (_, index) => {
      return renewalWindow({ ...year, sha256: sha256Of(`app-${String(index)}`) }).start;
    });
    const parts = Array<number>(10).fill(0);
    for (const start of starts) {
      const part = Math.floor((start - notBefore - 240 * day) / (3 * day));
      parts[part] = (parts[part] ?? 0) + 1;
    }
    expect(parts).toHaveLength(10);
    for (const count of parts) {
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(145);
    }
  });

  it('lies between two thirds and five sixths of any life, and asks again in time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 4000 * day }),
        fc.stringMatching(/^[0-9a-f]{64}$/),
        (life, sha256) => {
          const facts = { sha256, notBefore, notAfter: notBefore + life, hintedAt: null };
          const { start, end, askAgainSeconds } = renewalWindow(facts);
          expect([start, end, askAgainSeconds].every(Number.isInteger)).toBe(true);
          expect(start).toBeGreaterThanOrEqual(notBefore + Math.floor((life * 2) / 3));
          expect(start).toBeLessThanOrEqual(notBefore + (life * 3) / 4);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(notBefore + (life * 5) / 6);
          expect(askAgainSeconds).toBeGreaterThanOrEqual(1);
          expect(askAgainSeconds).toBeLessThanOrEqual(6 * 3600);
          // Whoever asks just before the window opens asks again before it has closed.
          expect(start - 1 + askAgainSeconds).toBeLessThanOrEqual(end);
          expect(renewalWindow(facts)).toEqual({ start, end, askAgainSeconds });
        },
      ),
    );
  });

  it('keeps to its bounds for the first and the last hash', () => {
    const first = renewalWindow({ ...year, sha256: '0'.repeat(64) });
    const last = renewalWindow({ ...year, sha256: 'f'.repeat(64) });
    expect(first.start).toBe(notBefore + 240 * day);
    expect(first.end).toBe(notBefore + 270 * day);
    expect(last.start).toBe(notBefore + 270 * day - 1);
    expect(last.end).toBe(notBefore + 300 * day - 1);
  });

  it('moves wholly into the past with a hint', () => {
    const { start, end } = renewalWindow({ ...year, sha256: sha256Of('app'), hintedAt: notBefore });
    expect(end).toBeLessThan(notBefore);
    expect(start).toBeLessThan(end);
  });
});

describe('management/info', () => {
  it('suggests the same window each time, and Retry-After of six hours', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const first = await ask(gateway, holder);
    expect(first.retryAfter).toBe(6 * 3600);
    const born = gateway.clock.now();
    expect(first.start).toBeGreaterThanOrEqual(born + (92 * day * 2) / 3 - 1);
    expect(first.end).toBeLessThanOrEqual(born + (92 * day * 5) / 6);
    gateway.clock.advance(30 * day);
    expect(await ask(gateway, holder)).toEqual(first);
    expect(await ask(await gateway.restart(), holder)).toEqual(first);
  });

  it('suggests a window inside the life of thirty minutes, and asks again within it', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '30m' });
    const holder = await pair(gateway);
    const { start, end, retryAfter } = await ask(gateway, holder);
    const born = gateway.clock.now();
    expect(start).toBeGreaterThanOrEqual(born + 1200);
    expect(end).toBeLessThanOrEqual(born + 1500);
    expect(retryAfter).toBe(150);
  });
});

describe('everleaf certificate hint', () => {
  it('asks the holder of one certificate, until it has renewed', async () => {
    const gateway = await startTestGateway();
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    expect(await isHinted(gateway, holder)).toBe(false);
    gateway.clock.advance(day);
    const answer = await commandLine(gateway, `certificate hint ${holder.sha256}`);
    expect(answer).toEqual({ count: 1 });
    expect(await isHinted(gateway, holder)).toBe(true);
    expect((await ask(gateway, holder)).retryAfter).toBe(6 * 3600);
    expect(await isHinted(gateway, other)).toBe(false);
    const next = await renewWithNewKey(gateway, holder);
    expect(await isHinted(gateway, next)).toBe(false);
    const [event] = await eventsOf(gateway, 'certificate.hinted');
    expect(event).toMatchObject({ actor: 'cli:test', certificate: holder.sha256 });
  });

  it('asks for every certificate of a holder, and of nobody else', async () => {
    const gateway = await startTestGateway();
    const lines = [await pair(gateway), await pair(gateway)];
    const other = await pair(gateway, 'other');
    const answer = await commandLine(gateway, 'certificate hint --holder app');
    expect(answer).toEqual({ count: 2 });
    gateway.clock.advance(1);
    for (const line of lines) expect(await isHinted(gateway, line)).toBe(true);
    expect(await isHinted(gateway, other)).toBe(false);
    expect(await isHinted(gateway, await pair(gateway))).toBe(false);
  });

  it('asks for every certificate of the active authority, and not for their successors', async () => {
    const gateway = await startTestGateway();
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    gateway.clock.advance(day);
    const id = await idOf(gateway, 'active');
    expect(await commandLine(gateway, `certificate hint --authority ${id}`)).toEqual({ count: 2 });
    gateway.clock.advance(1);
    const next = await renewWithNewKey(gateway, holder);
    expect(await isHinted(gateway, holder)).toBe(true);
    expect(await isHinted(gateway, other)).toBe(true);
    expect(await isHinted(gateway, next)).toBe(false);
    expect(await isHinted(gateway, await pair(gateway, 'third'))).toBe(false);
  });

  it('asks for all of a retiring authority, and not for those of the active one', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    gateway.clock.advance(day);
    const old = await idOf(gateway, 'active');
    await rotate(gateway, 'prepare');
    await rotate(gateway, 'activate');
    const young = await pair(gateway, 'young');
    expect(await commandLine(gateway, `certificate hint --authority ${old}`)).toEqual({ count: 1 });
    gateway.clock.advance(1);
    expect(await isHinted(gateway, holder)).toBe(true);
    expect(await isHinted(gateway, young)).toBe(false);
    expect(await isHinted(gateway, await renewWithNewKey(gateway, holder))).toBe(false);
  });

  it.each(['abcdef', '--holder nobody', '--authority 0123456789abcdef'])(
    'refuses what concerns nobody, and changes nothing: %s',
    async (target) => {
      const gateway = await startTestGateway();
      const holder = await pair(gateway);
      await expect(commandLine(gateway, `certificate hint ${target}`)).rejects.toThrow(
        /^(There is no certificate that this concerns|No certificate on record begins with)/,
      );
      gateway.clock.advance(1);
      expect(await isHinted(gateway, holder)).toBe(false);
      expect(await eventsOf(gateway, 'certificate.hinted')).toEqual([]);
    },
  );

  it('says of users of services, who do not ask, what renews them', async () => {
    const gateway = await startTestGateway();
    await openService(gateway);
    const { authority_id, sha256 } = await gateway.database.db
      .selectFrom('certificates')
      .select(['authority_id', 'sha256'])
      .where('kind', '=', 'service-user')
      .executeTakeFirstOrThrow();
    const targets = [sha256, '--holder p1/kafka-1/avnadmin', `--authority ${authority_id}`];
    for (const target of targets) {
      await expect(commandLine(gateway, `certificate hint ${target}`)).rejects.toThrow(
        'There is no certificate that this concerns. Users of services are renewed by everleaf user renew.',
      );
    }
    expect(await eventsOf(gateway, 'certificate.hinted')).toEqual([]);
  });

  it('leaves a prepared authority, which nobody holds a certificate of, as it was', async () => {
    const gateway = await startTestGateway();
    const { id } = await rotate(gateway, 'prepare');
    const hint = commandLine(gateway, `certificate hint --authority ${id}`);
    await expect(hint).rejects.toThrow('There is no certificate that this concerns.');
    await rotate(gateway, 'activate');
    expect(await isHinted(gateway, await pair(gateway))).toBe(false);
  });
});
