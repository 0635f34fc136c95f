import { outboxId } from '../../src/notifications/outbox-store.js';
import { addTokenOf } from '../people/person.js';
import type { TestGateway } from './gateway.js';
import { createToken, pair } from './gateway.js';
import { askForRotation, digestFor, openGovernance } from './governance.js';
import type { Governed } from './governance.js';
import { addOrganization, addUser, callAsUser } from './people.js';
import type { TestUser } from './people.js';
import { addAccess, approve } from './rotations.js';
import { renewUser } from './services.js';

/** Everybody who can be somebody else in the console. */
export const townspeople = {
  administrator: 'admin@localhost',
  issuer: 'issuer@example.com',
  auditor: 'auditor@example.com',
  /** A user without any role. */
  nobody: 'nobody@example.com',
  /** Admin of another organisation. */
  foreigner: 'foreigner@example.com',
  /** Admin of the organisation and of its project. */
  root: 'root@example.com',
  operator: 'operator@example.com',
  developer: 'developer@example.com',
  reader: 'reader@example.com',
  /** Of the owner group; Ann asked. */
  ann: 'ann@example.com',
  ben: 'ben@example.com',
  /** Of the organisation, in no group. */
  outsider: 'outsider@example.com',
} as const;

export type Townsperson = keyof typeof townspeople;

/** Puts a `:name` of a path or a field in words: of the path itself, or of what is on that path. */
type Fill = (text: string, pattern?: string) => string;

/** A gateway's record with something behind every page of the console; gives what fills the paths of its routes. */
export async function fillTown(gateway: TestGateway): Promise<Fill> {
  const { db } = gateway.database;
  for (const role of ['issuer', 'auditor'] as const) {
    const { id } = await addUser(gateway, townspeople[role]);
    await db.updateTable('users').set({ gateway_role: role }).where('id', '=', id).execute();
  }
  const { id: user } = await addUser(gateway, townspeople.nobody);
  await addOrganization(gateway, { admins: [await addUser(gateway, townspeople.foreigner)] });
  for (const one of ['operator', 'developer', 'reader'] as const)
    await addUser(gateway, townspeople[one]);
  const first = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', townspeople.administrator)
    .executeTakeFirstOrThrow();
  const token = await addTokenOf(gateway, first.id);
  const { sha256: certificate } = await pair(gateway, 'billing');

  const governed = await openGovernance(gateway);
  await fillProject(governed);
  const rotations = await fillRequests(governed);
  const group = await addGroup(governed, [governed.outsider]);
  const authorities = await db.selectFrom('authorities').select(['id', 'purpose']).execute();
  const authority = (isProject: boolean): string =>
    authorities.find(({ purpose }) => purpose.startsWith('project') === isProject)?.id ?? '';

  const shared: Readonly<Record<string, string>> = {
    project: 'p1',
    service: 'kafka-1',
    username: 'app',
    organization: governed.organization,
    user,
    group,
    certificate,
    member: governed.outsider.id,
    token: token.slice(0, 12),
    announcement: await addDeadAnnouncement(gateway),
    ...rotations.pending,
  };
  const special: readonly (readonly [RegExp, Readonly<Record<string, string>>])[] = [
    [/^\/applications\/:name$/, { name: 'billing' }],
    [
      /^\/applications\/:name\/tokens\//,
      { name: 'billing', token: await addOpenToken(gateway, 'billing') },
    ],
    [/^\/authorities\/gateway\//, { authority: authority(false) }],
    [/^\/authorities\/projects\//, { authority: authority(true) }],
    [/\/request-rotation$/, { access: rotations.free }],
    [/\/rotations\/:rotation\/credentials$/, rotations.approved],
  ];
  return (text, pattern = text) => {
    const own = special.find(([form]) => form.test(pattern))?.[1];
    return text.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = own?.[name] ?? shared[name];
      if (!value) throw new Error(`no page is known for ${pattern}: give :${name} a value here`);
      return value;
    });
  };
}

/** Members of each role, and a user whose renewal waits for its acknowledgement. */
async function fillProject({ gateway, root }: Governed): Promise<void> {
  const asRoot = (path: string, body: object) =>
    callAsUser(gateway, root, 'post', path).send(body).expect(200);
  for (const [role, person] of [
    ['operator', 'operator'],
    ['developer', 'developer'],
    ['read_only', 'reader'],
  ] as const) {
    const invitation = { user_email: townspeople[person], member_type: role };
    await asRoot('/v1/project/p1/invite', invitation);
  }
  await asRoot('/v1/project/p1/service/kafka-1/user', { username: 'app' });
  await renewUser(gateway, 'app');
}

/** A request of Ann's that waits for a decision, one whose credentials wait for her, and an access without any. */
async function fillRequests(governed: Governed) {
  const { ann, ben, access } = governed;
  const ask = async (name: string) => {
    const own = await addAccess(governed, name, [ann, ben]);
    const rotations: Governed['rotations'] = (user, method, path, body) =>
      governed.as(user, method, `/access/${own.access}/rotations${path}`, body);
    return { ...governed, ...own, rotations };
  };
  const free = await ask('free');
  const decided = await ask('decided');
  const approved = await askForRotation(decided);
  await approve(decided, approved, ben);
  const pending = await askForRotation(governed);
  return {
    free: free.access,
    approved: { access: decided.access, rotation: approved.slice(1) },
    pending: { access, rotation: pending.slice(1), digest: await digestFor(governed, pending) },
  };
}

/** A group that owns nothing. */
async function addGroup(
  { gateway, organization, root }: Governed,
  members: readonly TestUser[],
): Promise<string> {
  const groups = `/v1/organization/${organization}/user-groups`;
  const made = await callAsUser(gateway, root, 'post', groups).send({ user_group_name: 'spare' });
  const group = String(made.body.user_group_id);
  const order = { operation: 'add_members', member_ids: members.map(({ id }) => id) };
  await callAsUser(gateway, root, 'patch', `${groups}/${group}/members`).send(order).expect(200);
  return group;
}

/** Made and not used; its id. */
async function addOpenToken(gateway: TestGateway, application: string): Promise<string> {
  await createToken(gateway, application);
  const tokens = gateway.database.db.selectFrom('enrolment_tokens').select('id');
  const open = tokens.where('application', '=', application).where('used_at', 'is', null);
  return (await open.executeTakeFirstOrThrow()).id;
}

/** One that was given up; its id. */
export async function addDeadAnnouncement({ database, clock }: TestGateway): Promise<string> {
  const dedupeKey = 'given up';
  await database.db
    .insertInto('outbox')
    .values({
      dedupe_key: dedupeKey,
      channel: 'mail',
      recipient: 'ops@example.com',
      project: 'p1',
      service: 'kafka-1',
      payload: JSON.stringify({ kind: 'certificate-renewed' }),
      state: 'dead',
      attempts: 9,
      next_attempt_at: clock.now(),
      created_at: clock.now(),
      sent_at: null,
      last_error: 'connection refused',
    })
    .execute();
  return outboxId(dedupeKey);
}
