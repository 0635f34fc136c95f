import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import {
  gatewayPurpose,
  projectOfPurpose,
  purposeOfProject,
} from '../authority/hold-authorities.js';
import { readCertificate } from '../pki/certificate-facts.js';
import { asDer } from '../pki/der.js';
import type { Schema } from '../storage/schema.js';
import { compareExpiries } from './expiry.js';
import type { Expiry, ExpiryPlace } from './expiry.js';
import { hasCertificates, readJsonObject } from './service.js';

/** What ends, by its end, behind `after`. Old certificates only until they end, for nobody can do more then. */
export type ListExpiries = (page: {
  /** All there are where it is undefined. */
  readonly projects: readonly string[] | undefined;
  readonly now: number;
  /** Up to this time, in seconds UTC. */
  readonly until: number;
  readonly after: ExpiryPlace | undefined;
  readonly limit: number;
}) => Promise<readonly Expiry[]>;

type Page = Parameters<ListExpiries>[0];

/** Reads service users along the ends of their certificates, and the few authorities whole. */
export function makeListExpiries(db: Kysely<Schema>): ListExpiries {
  return async (page) => {
    if (page.projects?.length === 0) return [];
    const all = [
      ...(await listUsers(db, page, 'current')),
      ...(await listUsers(db, page, 'pending')),
      ...(await listAuthorities(db, page)),
    ];
    return all.sort(compareExpiries).slice(0, page.limit);
  };
}

const columns = {
  current: { end: 'u.not_after', sha256: 'u.certificate_sha256' },
  pending: { end: 'u.old_not_after', sha256: 'u.old_certificate_sha256' },
} as const;

async function listUsers(
  db: Kysely<Schema>,
  { projects, now, until, after, limit }: Page,
  state: Expiry['state'],
): Promise<Expiry[]> {
  const { end, sha256 } = columns[state];
  const rows = await db
    .selectFrom('service_users as u')
    .innerJoin('services as s', (join) =>
      join.onRef('s.project', '=', 'u.project').onRef('s.name', '=', 'u.service'),
    )
    .leftJoin('certificates as c', 'c.sha256', sha256)
    .select(['u.project', 'u.service', 'u.username', 's.is_powered', 's.type', 's.user_config'])
    .select('u.access_id')
    .select([`${end} as ends_at`, `${sha256} as sha256`])
    .where('c.revoked_at', 'is', null)
    .where(end, '<=', until)
    .$if(state === 'pending', (query) => query.where(end, '>', now))
    .$if(projects !== undefined, (query) => query.where('u.project', 'in', projects ?? []))
    .$if(after !== undefined, (query) =>
      query.where(
        sql<boolean>`(${sql.ref(end)}, ${sql.ref(sha256)}) > (${after?.endsAt}, ${after?.sha256})`,
      ),
    )
    .orderBy(end)
    .orderBy(sha256)
    .limit(limit)
    .execute();
  return rows.flatMap((row): Expiry[] => {
    if (row.ends_at === null || row.sha256 === null) return [];
    const userConfig = readJsonObject(row.user_config);
    const isRenewed = row.is_powered === 1 && hasCertificates({ type: row.type, userConfig });
    const isOurs = state === 'current' && isRenewed && row.ends_at > now;
    const { project, service, username: name, sha256, ends_at: endsAt, access_id: accessId } = row;
    const whose = { project, service, name, accessId };
    const toAct = accessId !== null ? 'owners' : isOurs ? 'gateway' : 'members';
    return [{ kind: 'service-user', sha256, endsAt, state, toAct, ...whose }];
  });
}

async function listAuthorities(
  db: Kysely<Schema>,
  { projects, until, after }: Page,
): Promise<Expiry[]> {
  const found = await authorityExpiries(db, projects);
  return found.filter((one) => one.endsAt <= until && (!after || compareExpiries(one, after) > 0));
}

/** The ends of all authorities in use, or of those of some projects. */
export async function authorityExpiries(
  db: Kysely<Schema>,
  projects: readonly string[] | undefined,
): Promise<Expiry[]> {
  const rows = await db
    .selectFrom('authorities')
    .select(['id', 'purpose', 'state', 'certificate'])
    .where('state', '<>', 'retired')
    .where('revoked_at', 'is', null)
    .$if(projects !== undefined, (query) =>
      query.where('purpose', 'in', (projects ?? []).map(purposeOfProject)),
    )
    .execute();
  return rows.map(authorityExpiry);
}

function authorityExpiry(row: {
  readonly id: string;
  readonly purpose: string;
  readonly state: string;
  readonly certificate: string;
}): Expiry {
  const { sha256, notAfter } = readCertificate(asDer(Buffer.from(row.certificate, 'base64')));
  const isGateways = row.purpose === gatewayPurpose;
  return {
    kind: isGateways ? 'gateway-ca' : 'project-ca',
    sha256,
    endsAt: notAfter,
    project: projectOfPurpose(row.purpose) ?? null,
    service: null,
    name: row.id,
    accessId: null,
    state: row.state === 'active' ? 'current' : 'pending',
    toAct: isGateways ? 'operator' : 'admins',
  };
}
