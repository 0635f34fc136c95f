import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { approvedRotation, askForRotation, openGovernance } from '../support/governance.js';
import { startOn } from '../support/people.js';
import { approve } from '../support/rotations.js';
import { eventsOf } from '../support/record.js';
import { refuseInserts } from '../support/refuse-inserts.js';

const actions = [
  'requested',
  'approved',
  'provided',
  'revealed',
  'declined',
  'deleted',
  'failed',
  'lapsed',
  'credentials-lapsed',
  'old-revoked',
].map((step) => `rotation.${step}`);

describeOnEachDatabase('the audit log', (fresh) => {
  it('SU-G13: has every step with actor, time, access, request and message', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben, access } = governed;
    const { clock } = gateway;
    const taken: object[] = [];
    const expectNew = async (
      path: string,
      message: string,
      steps: Readonly<Record<string, string>>,
      more: object = {},
    ): Promise<void> => {
      const events = (await eventsOf(gateway, ...actions)).slice(taken.length);
      taken.push(...events);
      const shown = events.map(({ action, actor, at, project, service, detail }) => {
        const { access, accessName, rotation, requester, username, ...rest } = JSON.parse(
          detail,
        ) as Record<string, unknown>;
        expect({ at, project, service }).toEqual({
          at: clock.now(),
          project: 'p1',
          service: 'kafka-1',
        });
        expect([accessName, username, requester]).toEqual(['orders', 'orders', 'ann@example.com']);
        return { action, actor, access, rotation, message: rest['message'] };
      });
      expect(shown).toEqual(
        Object.entries(steps).map(([step, actor]) => ({
          action: `rotation.${step}`,
          actor,
          access,
          rotation: path.slice(1),
          message,
        })),
      );
      const last = events.at(-1);
      expect(JSON.parse(last?.detail ?? '{}')).toMatchObject(more);
    };
    const [asAnn, asBen] = ['user:ann@example.com', 'user:ben@example.com'];
    const ask = (message: string, revoke_old = 'keep') => {
      clock.advance(60);
      return askForRotation(governed, { message, revoke_old });
    };

    const shown = await ask('one', 'after_grace');
    await expectNew(shown, 'one', { requested: asAnn }, { revokeOld: 'after_grace' });
    clock.advance(60);
    await approve(governed, shown);
    await expectNew(shown, 'one', { approved: asBen, provided: asBen });
    clock.advance(60);
    await rotations(ann, 'post', `${shown}/reveal`).expect(200);
    await expectNew(shown, 'one', { revealed: asAnn }, { address: '127.0.0.1' });
    clock.advance(7 * 86_400);
    await gateway.tendRotations();
    await expectNew(shown, 'one', { 'old-revoked': 'gateway' });

    const declined = await ask('two');
    await rotations(ben, 'post', `${declined}/decline`, { reason: 'why?' }).expect(200);
    await expectNew(declined, 'two', { requested: asAnn, declined: asBen }, { decision: 'why?' });

    const deleted = await ask('three');
    await rotations(ann, 'delete', deleted).expect(200);
    await expectNew(deleted, 'three', { requested: asAnn, deleted: asAnn });

    const failed = await ask('four');
    const allow = await refuseInserts(gateway.database, 'certificates');
    await approve(governed, failed);
    await allow();
    const steps = { requested: asAnn, approved: asBen, failed: asBen };
    await expectNew(failed, 'four', steps, { failure: expect.stringContaining('log') });

    const unseen = await approvedRotation(governed, { message: 'five' });
    await expectNew(unseen, 'five', { requested: asAnn, approved: asBen, provided: asBen });
    clock.advance(7 * 86_400);
    await gateway.tendRotations();
    await expectNew(unseen, 'five', { 'credentials-lapsed': 'gateway' });

    const undecided = await ask('six');
    await expectNew(undecided, 'six', { requested: asAnn });
    clock.advance(14 * 86_400);
    await gateway.tendRotations();
    await expectNew(undecided, 'six', { lapsed: 'gateway' });
  });
});
