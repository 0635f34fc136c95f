import type { Kysely } from 'kysely';
import type { Clock, Log, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { MasterKey } from '../storage/master-key.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import type { Authority } from './authority.js';
import { openAuthoritySet } from './authority-set.js';
import type { AuthoritySet, KnownAuthority } from './authority-set.js';
import { makeAuthorityStore } from './authority-store.js';
import type { NewAuthority } from './authority-store.js';
import { choosePresented } from './ca-pair.js';
import { purposeOfProject } from './hold-authorities.js';
import { makeNewAuthority } from './new-authority.js';
import { publishedCertificates } from './published-authorities.js';

/** The authorities of projects, as the record has them at each call. Throw Failure `project-unknown`. */
export interface ProjectAuthorities {
  /** Signs for the users of the project's services. */
  activeAuthority(project: string): Promise<Authority>;
  /** Signs for the servers of a service that is so far in a roll-over. */
  presentedAuthority(project: string, trustUpdate: number): Promise<Authority>;
  /** What relying parties should know: the active one first, then the prepared, then the retiring. */
  certificates(project: string): Promise<CertificateFacts[]>;
  /** All of one moment. */
  find(project: string): Promise<ProjectCa>;
}

/** The CA of a project as services and their clients have to know it. */
export interface ProjectCa {
  /** As above. */
  readonly certificates: readonly CertificateFacts[];
  /** What the servers of a service present that is so far in a roll-over. */
  presentedAt(trustUpdate: number): KnownAuthority;
}

export interface ProjectAuthoritiesEdges {
  readonly database: {
    readonly db: Kysely<Schema>;
    transaction<T>(work: (trx: Kysely<Schema>) => Promise<T>): Promise<T>;
  };
  /** Holds a project until the transaction ends; false where there is none. */
  readonly holdProject: (project: string, trx: Kysely<Schema>) => Promise<boolean>;
  readonly recordEvent: RecordEvent;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly keyType: AuthorityKeyType;
}

/** The life of a CA that is made for a project: ten years. */
export const projectAuthoritySeconds = 3650 * 86_400;

/**
 * Opens the authorities of a project at their first use and makes the first where there is none; of several gateways
 * one does. The record is read at each use, so that every gateway signs by the active one as soon as it is.
 */
export function makeProjectAuthorities(edges: ProjectAuthoritiesEdges): ProjectAuthorities {
  const opened = new Map<string, AuthoritySet>();
  const opening = new Map<string, Promise<AuthoritySet>>();

  async function open(project: string): Promise<AuthoritySet> {
    const store = makeAuthorityStore(edges.database, purposeOfProject(project));
    if (!(await store.findActive())) await makeFirst(project, edges);
    const set = await openAuthoritySet({ ...edges, store, fileKey: undefined });
    opened.set(project, set);
    return set;
  }

  function openOnce(project: string): Promise<AuthoritySet> {
    const underWay = opening.get(project) ?? open(project).finally(() => opening.delete(project));
    opening.set(project, underWay);
    return underWay;
  }

  async function current(project: string): Promise<AuthoritySet> {
    const known = opened.get(project);
    await known?.refresh();
    // A project that was deleted takes its authorities along; another one of its name has its own.
    return known && findActive(known) ? known : openOnce(project);
  }

  async function find(project: string): Promise<ProjectCa> {
    const known = (await current(project)).list();
    return {
      certificates: publishedCertificates(known),
      presentedAt: (trustUpdate) => {
        const presented = choosePresented(known, { trustUpdate, now: edges.clock() });
        if (!presented) throw new Error(`project ${project} has no active authority`);
        return presented;
      },
    };
  }

  return {
    activeAuthority: async (project) => {
      const signing = findActive(await current(project))?.signing;
      if (!signing) throw new Error(`the active authority of project ${project} cannot sign`);
      return signing;
    },
    presentedAuthority: async (project, trustUpdate) => {
      const { signing } = (await find(project)).presentedAt(trustUpdate);
      if (!signing) throw new Error(`the CA that services of ${project} present cannot sign`);
      return signing;
    },
    certificates: async (project) => publishedCertificates((await current(project)).list()),
    find,
  };
}

function findActive(set: AuthoritySet) {
  return set.list().find(({ state }) => state === 'active');
}

async function makeFirst(project: string, edges: ProjectAuthoritiesEdges): Promise<void> {
  const { database, holdProject, recordEvent, keyType } = edges;
  const authority = await makeNewAuthority(edges, {
    keyType,
    validitySeconds: projectAuthoritySeconds,
    organization: 'Everleaf',
    commonName: commonNameFor(project),
  });
  await database.transaction(async (trx) => {
    if (!(await holdProject(project, trx)))
      throw new Failure('project-unknown', 'Project not found.');
    const store = makeAuthorityStore(database, purposeOfProject(project));
    if (!(await store.insertFirst(authority, trx))) return;
    if (!(await store.claimKey(keyOf(authority), trx)))
      throw new Error('a new key of an authority is in use already');
    const detail = { authority: authority.id };
    await recordEvent({ action: 'authority.created', actor: 'gateway', project, detail }, trx);
  });
}

const longestCommonName = 64;

/** RFC 5280 A.1: a common name has at most 64 characters. */
function commonNameFor(project: string): string {
  const whole = `${project} Project CA`;
  return whole.length <= longestCommonName ? whole : project;
}

/** The name of the next authority of a project; no two of them have the same. */
export function nextCommonName(project: string, others: number): string {
  const number = ` ${String(others + 1)}`;
  const whole = `${project} Project CA${number}`;
  if (whole.length <= longestCommonName) return whole;
  return project.slice(0, longestCommonName - number.length) + number;
}

function keyOf({ id, certificate }: NewAuthority) {
  const { spkiSha256 } = readCertificate(Buffer.from(certificate, 'base64'));
  return { spkiSha256, authorityId: id };
}

/**
 * Retires the authorities of a project that is being deleted and takes them from its name: another project of that
 * name must not share them.
 */
export async function dropProjectAuthorities(
  project: string,
  now: number,
  trx: Kysely<Schema>,
): Promise<void> {
  await trx
    .updateTable('authorities')
    .set({
      purpose: 'deleted-project',
      state: 'retired',
      state_since: now,
      next_step_at: null,
    })
    .where('purpose', '=', purposeOfProject(project))
    .execute();
}
