import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { RecordedAuthority } from '../authority/authority.js';
import { judgeStep } from '../authority/roll-over-policy.js';
import type { RollOverStep } from '../authority/roll-over-policy.js';
import type { RollOverStore } from '../authority/roll-over-store.js';
import { listNames } from '../authority/take-step.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';
import { caPairOf } from '../authority/ca-pair.js';
import { needsRetiring } from './ca-rotation-policy.js';
import type { CaRotationStore } from './ca-rotation-store.js';
import { requireProject } from './change-projects.js';
import type { ListProjectAuthorities } from './find-ca-rotation.js';
import type { ProjectStore } from './project-store.js';

export interface ProjectCaStep extends ChangeOrigin {
  readonly project: string;
  readonly step: RollOverStep;
  /** By default the one that is prepared (activate) or retiring (retire). */
  readonly id?: string | undefined;
  /** Although somebody is left behind. */
  readonly isForced?: boolean;
}

/** Who is left behind by a step: services by their names, users as `service/user`. */
export interface LeftByStep {
  readonly id: string;
  readonly services: readonly string[];
  readonly users: readonly string[];
}

export type StepProjectCa = (order: ProjectCaStep) => Promise<LeftByStep>;

interface Edges {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly listAuthorities: ListProjectAuthorities;
  readonly rollOverOf: (project: string) => Pick<RollOverStore, 'activate' | 'retire'>;
  readonly store: Pick<CaRotationStore, 'listServices' | 'listLive' | 'forgetUpdates'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

/**
 * Activates or retires an authority of a project. The new one becomes active when every service trusts it, and the old
 * one retires when every service presents the new one and no live certificate of a user is of the old one, unless it is
 * forced. Services are neither made nor report meanwhile. Throws Failure `authority-step-refused`, `project-unknown`.
 */
export function makeStepProjectCa(edges: Edges): StepProjectCa {
  const { projects, listAuthorities, rollOverOf, store, recordEvent, clock } = edges;
  return ({ project, step, id, isForced = false, ...origin }) =>
    edges.transaction(async (trx) => {
      await requireProject(projects, project, trx);
      const all = await listAuthorities(project, trx);
      const authority = chooseAuthority(all, { project, step, id });
      const { notBefore, notAfter } = authority.certificate;
      const traits = { isRevoked: authority.revokedAt !== null, hasKey: true };
      const refusal = judgeStep(step, { ...authority, notBefore, notAfter, ...traits }, clock());
      if (refusal !== undefined) throw new Failure('authority-step-refused', refusal);
      const left = await findLeft({ project, step, authority, all }, edges, trx);
      const isLeft = left.services.length + left.users.length > 0;
      if (isLeft && !isForced) throw stillNeeded(step, project, left);
      if (!(await rollOverOf(project)[step](authority.id, clock(), trx)))
        throw new Error(`authority ${authority.id} changed while its project was held`);
      if (step === 'retire') await store.forgetUpdates(project, trx);
      const { services, users } = left;
      const detail = { authority: authority.id, services: services.length, users: users.length };
      const action = step === 'activate' ? 'authority.activated' : 'authority.retired';
      const level = isLeft ? 'warning' : 'info';
      await recordEvent({ level, action, project, ...origin, detail }, trx);
      return left;
    });
}

/** Throws Failure `authority-step-refused` where no authority or another state is meant. */
export function chooseAuthority(
  all: readonly RecordedAuthority[],
  { project, step, id }: Pick<ProjectCaStep, 'project' | 'step' | 'id'>,
): RecordedAuthority {
  const from = step === 'activate' ? 'prepared' : 'retiring';
  const found = all.find((one) => (id === undefined ? one.state === from : one.id === id));
  if (found) return found;
  throw new Failure(
    'authority-step-refused',
    id === undefined
      ? `No authority of ${project} is ${from}: \`everleaf ca rotate --project ${project}\` shows what comes next.`
      : `${project} has no authority ${id}: \`everleaf ca rotate --project ${project}\` shows them.`,
  );
}

async function findLeft(
  order: Pick<ProjectCaStep, 'project' | 'step'> & {
    readonly authority: RecordedAuthority;
    readonly all: readonly RecordedAuthority[];
  },
  { store, clock }: Edges,
  trx: Kysely<Schema>,
): Promise<LeftByStep> {
  const { project, step, authority, all } = order;
  const { id, state } = authority;
  const nobody = { id, services: [], users: [] };
  const pair = caPairOf(all);
  if (!pair) return nobody;
  const services = await store.listServices(project, trx);
  const namesOf = (some: typeof services): string[] => some.map(({ service }) => service);
  if (step === 'activate') {
    // The way back needs nobody: all have trusted the old one all along.
    if (id !== pair.next?.id) return nobody;
    return { ...nobody, services: namesOf(services.filter((one) => one.trustUpdate === 0)) };
  }
  if (state === 'prepared') return nobody;
  const live = await store.listLive({ project, authorityId: id, now: clock() }, trx);
  const users = live.map(({ service, username }) => `${service}/${username}`);
  const needing = services.filter((one) => needsRetiring(pair, id, one.trustUpdate));
  return { id, services: namesOf(needing), users: [...new Set(users)] };
}

function stillNeeded(
  step: RollOverStep,
  project: string,
  { id, services, users }: LeftByStep,
): Failure {
  if (step === 'activate') {
    return new Failure(
      'authority-step-refused',
      `Authority ${id} cannot become active: these services have not reported that they trust it: ${listNames(services)}. Let each trust both CAs, then \`everleaf service trust-updated ${project} SERVICE --phase 1\`; \`--force\` activates it all the same.`,
    );
  }
  const reasons = [
    ...(services.length === 0
      ? []
      : [
          `These services have not reported that they present a certificate of the active one: ${listNames(services)}; \`everleaf service trust-updated ${project} SERVICE --phase 2\` does.`,
        ]),
    ...(users.length === 0
      ? []
      : [
          `These users have certificates of it that are still valid: ${listNames(users)}; \`everleaf user renew\` or \`everleaf user reset\` gives them new ones, and \`everleaf certificate revoke\` ends the old.`,
        ]),
  ];
  return new Failure(
    'authority-step-refused',
    `Authority ${id} is still needed. ${reasons.join(' ')} \`--force\` retires it all the same.`,
  );
}
