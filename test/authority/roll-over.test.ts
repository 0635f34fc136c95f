import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, csrBody, decodeAnswer, pair, subjectOf } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import {
  caFileOf,
  clockOfThePast,
  follow,
  idOf,
  idsIn,
  pairNow,
  renewed,
  renewTrusting,
  rollOver,
  rotate,
  serverIssuer,
  statesOf,
} from '../support/roll-over.js';

const info = '/v1/applications/management/info';

describeOnEachDatabase('a roll-over', (fresh) => {
  it('publishes the prepared one beside the active one, which signs on', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [gateway] = replicas;
    const holder = await pair(gateway);
    const old = await idOf(gateway, 'active');

    gateway.clock.advance(1);
    const { id: next } = await rotate(replicas, 'prepare');

    expect(next).not.toBe(old);
    expect(await statesOf(gateway)).toEqual(['active', 'prepared']);
    for (const one of replicas) {
      const answer = await renewed(one, holder);
      expect(answer.issuer).toBe(old);
      expect(idsIn(answer.bundle)).toEqual([old, next]);
      expect(idsIn(caFileOf(one))).toEqual([old, next]);
      expect(await serverIssuer(one)).toBe(old);
    }
    expect(await eventsOf(gateway, 'authority.prepared')).toEqual([
      expect.objectContaining({
        actor: 'cli:test',
        detail: JSON.stringify({ authority: next, activateAt: null }),
      }),
    ]);
  });

  it('moves renewals and enrolments to the active one; the active one comes first', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway, other] = replicas;
    const holders = [await pair(gateway), await pair(gateway, 'other')] as const;

    const { old, next } = await rollOver(replicas);

    expect(await statesOf(gateway)).toEqual(['retiring', 'active']);
    for (const [turn, one] of replicas.entries()) {
      const holder = holders[turn === 0 ? 0 : 1];
      const answer = await renewed(one, holder);
      expect(answer.issuer).toBe(next);
      expect(idsIn(answer.bundle)).toEqual([next, old]);
      expect(idsIn(caFileOf(one))).toEqual([next, old]);
      await call(one, 'get', info, holder).expect(200);
      await call(one, 'get', info, answer).expect(200);
    }
    expect(await eventsOf(other, 'authority.activated')).toEqual([
      expect.objectContaining({
        level: 'warning',
        detail: JSON.stringify({ authority: next, leftBehind: 2 }),
      }),
    ]);
  });

  it('goes on for clients that trust the file of the old one alone, over several renewals', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway, other] = replicas;
    const oldFile = gateway.ca;
    const holder = await pair(gateway);

    const { old, next } = await rollOver(replicas);

    for (const one of replicas) expect(await serverIssuer(one)).toBe(old);
    const second = await renewed(gateway, holder, oldFile);
    const third = await renewed(other, second, oldFile);
    expect([second.issuer, third.issuer]).toEqual([next, next]);
  });

  it('lets a client that pairs after the activation trust the gateway by what it is given', async () => {
    const gateway = (await startReplicas((await fresh()).url, {}, clockOfThePast()))[0];
    const { old, next } = await rollOver(gateway);

    const young = await pairNow(gateway, 'young');
    const { issuer, bundle } = await renewed(gateway, young);
    expect(issuer).toBe(next);
    await renewTrusting(gateway, young, { trust: bundle }).expect(201);

    gateway.clock.advance(60);
    await rotate(gateway, `retire ${old}`);
    await renewTrusting(gateway, young, { trust: bundle }).expect(201);
  });

  it('HI-C7: ends with the old one gone, and its certificates refused as authority-retired', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    const holder = await pair(gateway);
    const { old, next } = await rollOver(replicas);
    const successor = await renewed(gateway, holder);

    gateway.clock.advance(60);
    const { leftBehind } = await rotate(replicas, 'retire');

    expect(leftBehind).toEqual([]);
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
    gateway.clock.advance(60);
    await follow(replicas);
    for (const one of replicas) {
      expect(idsIn(caFileOf(one))).toEqual([next]);
      expect(await serverIssuer(one)).toBe(next);
      const { body } = await renewTrusting(one, holder, { trust: caFileOf(one) }).expect(403);
      expect(body).toMatchObject({
        reason: 'authority-retired',
        error: 'The authority that issued the certificate has been retired.',
      });
      // Whoever renewed in between knows the new one by that answer.
      const answer = await renewed(one, successor, successor.bundle);
      expect(idsIn(answer.bundle)).toEqual([next]);
    }
    expect(await eventsOf(gateway, 'authority.retired')).toEqual([
      expect.objectContaining({
        level: 'info',
        detail: JSON.stringify({ authority: old, leftBehind: 0 }),
      }),
    ]);
  });

  it('keeps the retired one in the bundle until every gateway presents a certificate of the next', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway, other] = replicas;
    const { old, next } = await rollOver(replicas);
    const holder = await pairNow(gateway, 'app');
    gateway.clock.advance(60);

    await rotate(gateway, 'retire');

    const answer = await renewed(gateway, holder);
    expect(idsIn(answer.bundle)).toEqual([next, old]);
    // The other one has not heard of it: what was just answered must do there as well.
    const { bundle } = await renewed(other, answer, answer.bundle);
    await follow(replicas);
    await renewed(other, answer, bundle);
    gateway.clock.advance(60);
    await follow(replicas);
    for (const one of replicas) expect(idsIn(caFileOf(one))).toEqual([next]);
  });

  it('can be turned back, and clients of the old file are served all the way', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway, other] = replicas;
    const oldFile = gateway.ca;
    const holder = await pair(gateway);
    const { old, next } = await rollOver(replicas);
    const young = await pairNow(gateway, 'young');

    await rotate(replicas, `activate ${old}`);

    expect(await statesOf(gateway)).toEqual(['active', 'retiring']);
    for (const one of replicas) expect(await serverIssuer(one)).toBe(old);
    const answer = await renewed(other, holder, oldFile);
    expect(answer.issuer).toBe(old);
    expect(idsIn(answer.bundle)).toEqual([old, next]);
    expect((await renewed(gateway, young)).issuer).toBe(old);

    await rotate(replicas, `activate ${next}`);
    expect((await renewed(other, holder, oldFile)).issuer).toBe(next);
  });

  it('HI-C7: answers the same request anew after the activation, and the same again from then on', async () => {
    const [gateway, other] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const holder = await pair(gateway);
    const ask = sameRequest(holder);
    const before = await ask(gateway);
    expect(await ask(other)).toBe(before);

    await rollOver([gateway, other]);

    const after = await ask(gateway);
    expect(after).not.toBe(before);
    expect(await ask(other)).toBe(after);
  });

  it('is followed by a gateway that meets an answer of an authority it has not heard of', async () => {
    const [gateway, other] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const holder = await pair(gateway);
    const ask = sameRequest(holder);
    const { old, next } = await rollOver(gateway);
    const first = await ask(gateway);

    expect(await ask(other)).toBe(first);
    await other.lookAtAuthorities();
    expect(idsIn(caFileOf(other))).toEqual([next, old]);
  });
});

/** Sends one and the same renewal again and again; gives `crt` each time. */
function sameRequest(holder: Holder): (gateway: TestGateway) => Promise<string> {
  const body = csrBody({ key: holder.key, subject: subjectOf(holder.application) });
  return async (gateway) => {
    const path = '/v1/applications/certificates/renewals';
    const answer = await call(gateway, 'post', path, holder).send(body).expect(201);
    return decodeAnswer(answer.body).crt;
  };
}
