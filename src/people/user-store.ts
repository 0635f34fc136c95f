import type { Kysely, Selectable } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import type { Role } from './roles.js';

/** Who somebody is to a provider of OpenID Connect (OpenID Connect Core 2: `iss` and `sub`). */
export interface OpenIdIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** A person who may sign in; times in seconds UTC. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly realName: string;
  /** null: no sign-in by password. */
  readonly passwordHash: string | null;
  /** null: no sign-in by OpenID Connect yet. */
  readonly identity: OpenIdIdentity | null;
  readonly state: 'active' | 'disabled';
  readonly createdAt: number;
  /** Tokens made before are worth nothing. */
  readonly tokenValidityBegin: number;
  readonly lastActivityAt: number | null;
  /** On the gateway itself; null: nothing. */
  readonly gatewayRole: Role | null;
}

export interface UserStore {
  /** Whether this call added the user; false where the address or the identity is taken. */
  insert(user: User, trx: Kysely<Schema>): Promise<boolean>;
  findByEmail(email: string, trx?: Kysely<Schema>): Promise<User | undefined>;
  findById(id: string): Promise<User | undefined>;
  list(): Promise<User[]>;
  /** A page by address: those that begin with `prefix` and come after `after`. */
  listPage(page: { prefix: string; after: string; limit: number }): Promise<User[]>;
  /** Names of the projects of which the user is a member. */
  projectsOf(id: string): Promise<string[]>;
  /** Holds an active user until the transaction ends; undefined where there is none. */
  lockActive(id: string, trx: Kysely<Schema>): Promise<User | undefined>;
  /** Whether the user may still sign in with the password that was compared; notes the activity. */
  signIn(
    user: User,
    renewedHash: string | undefined,
    now: number,
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  noteActivity(id: string, now: number): Promise<void>;
  setPassword(id: string, passwordHash: string, trx: Kysely<Schema>): Promise<void>;
  /** Whether this call changed the state. */
  setState(id: string, state: User['state'], trx: Kysely<Schema>): Promise<boolean>;
  /** Holds the active administrators of the gateway until the transaction ends; their ids. */
  lockAdministrators(trx: Kysely<Schema>): Promise<string[]>;
  /** Whether this call changed the role. */
  setGatewayRole(id: string, role: Role | null, trx: Kysely<Schema>): Promise<boolean>;
  /** From now on only new tokens count; sessions end, those of this very second too. */
  beginTokenValidity(id: string, now: number, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of users. */
export function makeUserStore(db: Kysely<Schema>): UserStore {
  return {
    ...userReads(db),
    ...gatewayRoles,
    insert: async (user, trx) => {
      const result = await trx
        .insertInto('users')
        .values(toRow(user))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    signIn: async (user, renewedHash, now, trx) => {
      const result = await trx
        .updateTable('users')
        .set({ password_hash: renewedHash ?? user.passwordHash, last_activity_at: now })
        .where('id', '=', user.id)
        .where('state', '=', 'active')
        .where('password_hash', '=', user.passwordHash)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    noteActivity: async (id, now) => {
      await db.updateTable('users').set({ last_activity_at: now }).where('id', '=', id).execute();
    },
    setPassword: async (id, passwordHash, trx) => {
      await trx
        .updateTable('users')
        .set({ password_hash: passwordHash })
        .where('id', '=', id)
        .execute();
    },
    setState: async (id, state, trx) => {
      const result = await trx
        .updateTable('users')
        .set({ state })
        .where('id', '=', id)
        .where('state', '!=', state)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    beginTokenValidity: async (id, now, trx) => {
      await trx
        .updateTable('users')
        .set({ token_validity_begin: now })
        .where('id', '=', id)
        .execute();
      await trx.deleteFrom('sessions').where('user_id', '=', id).execute();
    },
  };
}

function userReads(
  db: Kysely<Schema>,
): Pick<UserStore, 'findByEmail' | 'findById' | 'list' | 'listPage' | 'projectsOf' | 'lockActive'> {
  return {
    findByEmail: async (email, trx = db) => {
      const query = trx.selectFrom('users').selectAll().where('email', '=', email);
      const row = await query.executeTakeFirst();
      return row && userOf(row);
    },
    findById: async (id) => {
      const query = db.selectFrom('users').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      return row && userOf(row);
    },
    list: async () => {
      const rows = await db.selectFrom('users').selectAll().orderBy('email').execute();
      return rows.map(userOf);
    },
    listPage: async ({ prefix, after, limit }) => {
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .where('email', '>', after)
        .where('email', '>=', prefix)
        .where('email', '<', `${prefix}\u{10ffff}`)
        .orderBy('email')
        .limit(limit)
        .execute();
      return rows.map(userOf);
    },
    projectsOf: async (id) => {
      const rows = await db
        .selectFrom('project_members')
        .select('project')
        .where('user_id', '=', id)
        .orderBy('project')
        .execute();
      return rows.map(({ project }) => project);
    },
    lockActive: async (id, trx) => {
      const query = trx
        .selectFrom('users')
        .selectAll()
        .where('id', '=', id)
        .where('state', '=', 'active');
      const row = await lockRows(trx, query).executeTakeFirst();
      return row && userOf(row);
    },
  };
}

const gatewayRoles: Pick<UserStore, 'lockAdministrators' | 'setGatewayRole'> = {
  lockAdministrators: async (trx) => {
    const query = trx
      .selectFrom('users')
      .select('id')
      .where('gateway_role', '=', 'administrator')
      .where('state', '=', 'active')
      .orderBy('id');
    return (await lockRows(trx, query).execute()).map(({ id }) => id);
  },
  setGatewayRole: async (id, role, trx) => {
    const result = await trx
      .updateTable('users')
      .set({ gateway_role: role })
      .where('id', '=', id)
      .where('gateway_role', 'is distinct from', role)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
};

function toRow(user: User) {
  return {
    id: user.id,
    email: user.email,
    real_name: user.realName,
    password_hash: user.passwordHash,
    openid_issuer: user.identity?.issuer ?? null,
    openid_subject: user.identity?.subject ?? null,
    state: user.state,
    created_at: user.createdAt,
    token_validity_begin: user.tokenValidityBegin,
    last_activity_at: user.lastActivityAt,
    gateway_role: user.gatewayRole,
  };
}

/** A row of `users` as a user. */
export function userOf(row: Selectable<Schema['users']>): User {
  const { openid_issuer: issuer, openid_subject: subject } = row;
  return {
    id: row.id,
    email: row.email,
    realName: row.real_name,
    passwordHash: row.password_hash,
    identity: issuer === null || subject === null ? null : { issuer, subject },
    state: row.state,
    createdAt: row.created_at,
    tokenValidityBegin: row.token_validity_begin,
    lastActivityAt: row.last_activity_at,
    gatewayRole: row.gateway_role,
  };
}
