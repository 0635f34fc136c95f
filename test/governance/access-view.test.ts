import { expect, it } from '@jest/globals';
import { makeAccessStore } from '../../src/governance/access-store.js';
import { makeViewAccesses } from '../../src/governance/access-view.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { approvedRotation, askForRotation, openGovernance } from '../support/governance.js';
import { startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { addAccess, setState } from '../support/rotations.js';

describeOnEachDatabase('accesses as people see them', (fresh) => {
  it('say what is under way, what waits for whom, and why somebody may not ask', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, organization: organizationId, access: id, rotations } = governed;
    const { ann, ben, outsider, root } = governed;
    const { db } = gateway.database;
    const lonely = await addAccess(governed, 'lonely', [ann, outsider]);
    await setState(governed, outsider, 'disabled');
    const accesses = makeAccessStore(db);
    const viewAccesses = makeViewAccesses({ db, clock: gateway.clock.now });
    const view = async ({ id: userId }: TestUser) => {
      const found = [
        await accesses.find({ organizationId, id: lonely.access }),
        await accesses.find({ organizationId, id }),
      ].flatMap((access) => access ?? []);
      const viewed = await viewAccesses(found, { userId, isAdmin: userId === root.id });
      return viewed.map((one) => ({
        group: one.group.name,
        credentials: one.credentials?.state,
        active: one.active?.id,
        toReveal: one.toReveal?.id,
        refusal: one.refusal?.kind,
        maySeeRequests: one.maySeeRequests,
      }));
    };
    const nothing = { credentials: undefined, active: undefined, toReveal: undefined };
    const alone = { ...nothing, group: 'lonely', refusal: 'state-conflict', maySeeRequests: true };
    const free = { ...nothing, group: 'owners', refusal: undefined, maySeeRequests: true };
    expect(await view(ann)).toEqual([alone, free]);

    const pending = await askForRotation(governed);
    const active = pending.slice(1);
    expect((await view(ben))[1]).toEqual({ ...free, active });
    expect((await view(root))[1]).toEqual({ ...free, active, refusal: 'right-missing' });
    await rotations(ann, 'delete', pending).expect(200);

    const toReveal = (await approvedRotation(governed)).slice(1);
    const waiting = { ...free, credentials: 'waiting' };
    expect((await view(ann))[1]).toEqual({ ...waiting, toReveal });
    expect((await view(ben))[1]).toEqual(waiting);
    await rotations(ann, 'post', `/${toReveal}/reveal`).expect(200);
    expect((await view(ann))[1]).toEqual({ ...free, credentials: 'revealed' });
    expect(await viewAccesses([], { userId: ann.id, isAdmin: false })).toEqual([]);
  });
});
