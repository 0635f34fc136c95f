import { expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, csrBody, decodeAnswer, pair, renew, subjectOf } from '../support/gateway.js';
import type { Holder } from '../support/gateway.js';
import { eventsOf, successorsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

const path = '/v1/applications/certificates/renewals';

function serialIn(answer: { readonly body: unknown }): string {
  return new X509Certificate(decodeAnswer(answer.body).clientCrt).serialNumber;
}

function bodyFor(holder: Holder): string {
  return csrBody({ key: makeKey('prime256v1'), subject: subjectOf(holder.application) });
}

describeOnEachDatabase('renewals of one certificate at once', (fresh) => {
  it('HI-R1: gives 50 equal requests on two replicas one certificate', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);

    for (let round = 1; round <= 3; round += 1) {
      const body = bodyFor(holder);
      const answers = await atOnce(replicas, 50, (gateway) =>
        call(gateway, 'post', path, holder).send(body),
      );

      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
      expect(new Set(answers.map(serialIn)).size).toBe(1);
      expect(await successorsOf(replicas[0], holder.sha256)).toHaveLength(round);
      expect(await eventsOf(replicas[0], 'certificate.renewed')).toHaveLength(round);
    }
  });

  it('HI-R1: gives one request on each replica the same certificate, time after time', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);

    for (let round = 1; round <= 25; round += 1) {
      const body = bodyFor(holder);
      const answers = await atOnce(replicas, 2, (gateway) =>
        call(gateway, 'post', path, holder).send(body),
      );

      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(answers.map(serialIn)).size).toBe(1);
    }
    expect(await successorsOf(replicas[0], holder.sha256)).toHaveLength(25);
  });

  it('HI-R2: puts 50 renewals with different keys on record, each linked to its predecessor', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);

    const answers = await atOnce(replicas, 50, (gateway) =>
      renew(gateway, holder, { key: makeKey('prime256v1') }),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    const serials = new Set(answers.map((answer) => serialIn(answer).toLowerCase()));
    const successors = await successorsOf(replicas[0], holder.sha256);
    expect(new Set(successors.map(({ serial }) => serial))).toEqual(serials);
    expect(serials.size).toBe(50);
    expect(new Set(successors.map(({ line }) => line))).toEqual(new Set([holder.sha256]));
    const events = await eventsOf(replicas[0], 'certificate.renewed');
    expect(new Set(events.map(({ certificate }) => certificate))).toEqual(
      new Set(successors.map(({ sha256 }) => sha256)),
    );
  });

  it('HI-R2: answers 429 beyond the rate and puts nothing of those on record', async () => {
    const replicas = await startReplicas((await fresh()).url, { EVERLEAF_RENEWAL_RATE: '10' });
    const holder = await pair(replicas[0]);

    const answers = await atOnce(replicas, 50, (gateway) =>
      renew(gateway, holder, { key: makeKey('prime256v1') }),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(refused).toHaveLength(30);
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ code: 429, reason: 'rate-limited' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await successorsOf(replicas[0], holder.sha256)).toHaveLength(20);
  });
});
