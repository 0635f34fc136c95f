import { describe, expect, it } from '@jest/globals';
import { signIn } from '../support/console.js';
import type { Visitor } from '../support/console.js';
import { approvedRotation, askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { startTestGateway } from '../support/gateway.js';
import { addOrganization } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { passwordOf } from '../support/rotations.js';

async function visitor(governed: Governed, user: TestUser): Promise<Visitor> {
  return signIn(governed.gateway, {
    email: user.email,
    password: await passwordOf(governed, user),
  });
}

const open = async () => openGovernance(await startTestGateway());
const pagesOf = ({ organization, access }: Governed) => ({
  overview: `/governance/${organization}/access`,
  approvals: `/governance/${organization}/approvals`,
  requests: `/governance/${organization}/requests`,
  ask: `/governance/${organization}/access/${access}/request-rotation`,
  rotations: `/governance/${organization}/access/${access}/rotations`,
});

describe('the pages of governance', () => {
  it('show no control to who has no right', async () => {
    const governed = await open();
    const { gateway, ann, ben, outsider, root } = governed;
    const pages = pagesOf(governed);
    const id = await askForRotation(governed);
    const pending = `${pages.rotations}${id}`;
    const [asAnn, asBen, asOutsider, asRoot] = [
      await visitor(governed, ann),
      await visitor(governed, ben),
      await visitor(governed, outsider),
      await visitor(governed, root),
    ];
    for (const other of [asOutsider, asRoot]) {
      const overview = await other.get(pages.overview).expect(200);
      expect(overview.text).toContain('orders.v1');
      expect(overview.text).not.toContain('Request credential rotation');
      await other.get(pages.ask).expect(403);
    }
    await asOutsider.get(pending).expect(403);
    expect((await asOutsider.get(pages.requests).expect(200)).text).toContain('Nobody in your');
    const seen = await asRoot.get(pending).expect(200);
    expect(seen.text).not.toMatch(/Approve<|Decline<|Delete</);
    expect(seen.text).toContain('You are no member of the group');
    const own = await asAnn.get(`${pending}?said=constructor`).expect(200);
    expect(own.text).not.toContain('class="said"');
    expect(own.text).toContain('Another member of the owner group must approve the request.');
    expect(own.text).toContain('you cannot approve it yourself');
    expect(own.text).not.toMatch(/>Approve<|>Decline</);
    const { text } = await asBen.get(pending).expect(200);
    expect(text).toMatch(/>Approve</);
    expect(text).toContain('Another member of the owner group must approve the request. You are');
    expect(text).toContain(`${ann.email} alone can view them, once`);
    expect(own.text + seen.text).not.toContain('If you approve');
    expect(text).not.toMatch(/>Delete</);
    await asAnn.post(`${pending}/credentials`).expect(409);
    await addOrganization(gateway, { admins: [ben] });
    expect((await asBen.get('/governance').expect(200)).text).toContain(pages.overview);
    expect((await asAnn.get('/governance').expect(303)).headers['location']).toBe(pages.overview);
  });

  it('keep what was typed, say what was wrong, and escape what people wrote', async () => {
    const governed = await open();
    const { ann, ben, gateway, access } = governed;
    const pages = pagesOf(governed);
    await gateway.database.db
      .updateTable('accesses')
      .set({ name: '<b>"orders"' })
      .where('id', '=', access)
      .execute();
    const asAnn = await visitor(governed, ann);
    const asBen = await visitor(governed, ben);
    const wrong = await asAnn.post(pages.ask, { message: ' ', revoke_old: 'at_once' }).expect(400);
    expect(wrong.text).toContain('Message has to say something.');
    expect(wrong.text).toMatch(/value="at_once" checked/);
    const evil = '<script>alert(1)</script>\r\nline 2';
    const asked = await asAnn.post(pages.ask, { message: evil }).expect(303);
    const [path = ''] = String(asked.headers['location']).split('?');
    const page = await asBen.get(path).expect(200);
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\nline 2');
    for (const where of [pages.overview, pages.approvals, pages.requests, path]) {
      const { text, headers } = await asBen.get(where).expect(200);
      expect(text).not.toMatch(/<script>alert|<b>"orders/);
      expect(headers['cache-control']).toBe('no-store');
    }
    const again = await asAnn.post(pages.ask, { message: 'once "more"' }).expect(409);
    expect(again.text).toContain('There is an open request for this access');
    expect(again.text).toContain(path);
    await asBen.post(`${path}/decline`, { reason: '' }).expect(400);
    const stale = await asBen.post(`${path}/approve`, { digest: '0'.repeat(64) }).expect(409);
    expect(stale.text).toContain('is not what you were shown any more');
    await asBen.post(`${path}/decline`, { reason: 'not <i>now</i>' }).expect(303);
    expect((await asAnn.get(path)).text).toContain('not &lt;i&gt;now&lt;/i&gt;');
    for (const query of ['topic=%3Cb%3E', 'group=A', 'cursor=x']) {
      const { text } = await asAnn.get(`${pages.overview}?${query}`).expect(400);
      expect(text).not.toContain('<b>');
    }
    await asAnn.get(`${pages.requests}?state=none`).expect(400);
    expect((await asAnn.get(`${pages.overview}?topic=orders.v1`)).text).toContain('1 access found');
    expect((await asAnn.get(`${pages.overview}?topic=orders`)).text).toContain('No access fits');
    expect((await asAnn.get(`${pages.requests}?state=declined`)).text).toContain(path);
    expect((await asAnn.get(`${pages.requests}?access=nothing`)).text).toContain('No request fits');
  });

  it('show credentials to their requester alone, and once', async () => {
    const governed = await open();
    const { ann, ben, cleo } = governed;
    const pages = pagesOf(governed);
    const path = `${pages.rotations}${await approvedRotation(governed)}/credentials`;
    const asAnn = await visitor(governed, ann);
    for (const other of [await visitor(governed, ben), await visitor(governed, cleo)]) {
      await other.get(path).expect(403);
      await other.post(path).expect(403);
      expect((await other.get(pages.overview)).text).not.toContain('Review credentials');
    }
    expect((await asAnn.get(pages.overview)).text).toContain(`href="${path}">Review credentials`);
    const confirmation = await asAnn.get(path).expect(200);
    expect(confirmation.text).toContain('Show credentials');
    const { text, headers } = await asAnn.post(path).expect(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain('Credentials can only be viewed once. Make sure to save them securely.');
    expect(text).toContain('BEGIN PRIVATE KEY');
    for (const answer of [await asAnn.post(path), await asAnn.get(path)]) {
      expect(answer.status).toBe(410);
      expect(answer.text).not.toContain('PRIVATE');
      expect(answer.text).toContain(`href="${pages.ask}"`);
    }
    expect((await asAnn.get(pages.overview)).text).not.toContain('Review credentials');
  });
});
