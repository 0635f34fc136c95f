import type { Kysely } from 'kysely';
import type { RecordedAuthority } from '../authority/authority.js';
import { choosePresented } from '../authority/ca-pair.js';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { phaseOf } from './ca-rotation-policy.js';
import type { RotationPhase } from './ca-rotation-policy.js';
import type { CaRotationStore, LiveCertificate, ServiceProgress } from './ca-rotation-store.js';

/** The authorities of a project on record, the oldest first; none where it has not needed one yet. */
export type ListProjectAuthorities = (
  project: string,
  executor?: Kysely<Schema>,
) => Promise<RecordedAuthority[]>;

/** A service in a roll-over. */
export interface RotatingService extends ServiceProgress {
  /** Of which authority its server certificate should be now; undefined where there is none. */
  readonly presented: RecordedAuthority | undefined;
}

/** Where the CA of a project stands. */
export interface CaRotation {
  readonly phase: RotationPhase;
  readonly authorities: readonly RecordedAuthority[];
  readonly services: readonly RotatingService[];
  /** Live certificates of users by the authority that retires next; nobody is in the way of it while it is active. */
  readonly users: readonly LiveCertificate[];
}

export type FindCaRotation = (project: string) => Promise<CaRotation>;

/** Reads it anew at each call. */
export function makeFindCaRotation(edges: {
  readonly listAuthorities: ListProjectAuthorities;
  readonly store: Pick<CaRotationStore, 'listServices' | 'listLive'>;
  readonly clock: Clock;
}): FindCaRotation {
  const { listAuthorities, store, clock } = edges;
  return async (project) => {
    const now = clock();
    const authorities = await listAuthorities(project);
    const services = await store.listServices(project);
    const retiring = authorities.find(({ state }) => state === 'retiring');
    return {
      phase: phaseOf(
        authorities,
        services.map(({ trustUpdate }) => trustUpdate),
      ),
      authorities,
      services: services.map((one) => ({
        ...one,
        presented: choosePresented(authorities, { trustUpdate: one.trustUpdate, now }),
      })),
      users: retiring ? await store.listLive({ project, authorityId: retiring.id, now }) : [],
    };
  };
}
