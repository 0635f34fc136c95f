import type { Kysely } from 'kysely';
import { readAuthority } from '../authority/authority.js';
import { makeAuthorityStore } from '../authority/authority-store.js';
import { makeTakeDueSteps } from '../authority/due-steps.js';
import { purposeOfProject } from '../authority/hold-authorities.js';
import { makePrepareAuthority } from '../authority/prepare-authority.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import type { Config } from '../config.js';
import { makeCaRotationStore } from '../credentials/ca-rotation-store.js';
import type { DueCaStep } from '../credentials/ca-rotation-store.js';
import { makeFindProjectContacts } from '../credentials/contact-store.js';
import { makeFindCaRotation } from '../credentials/find-ca-rotation.js';
import type { FindCaRotation, ListProjectAuthorities } from '../credentials/find-ca-rotation.js';
import { makePrepareProjectCa } from '../credentials/prepare-project-ca.js';
import type { PrepareProjectCa } from '../credentials/prepare-project-ca.js';
import { makeProjectStore } from '../credentials/project-store.js';
import { makeReportTrustUpdate } from '../credentials/report-trust-update.js';
import type { ReportTrustUpdate } from '../credentials/report-trust-update.js';
import { makeScheduleProjectCa } from '../credentials/schedule-project-ca.js';
import type { ScheduleProjectCa } from '../credentials/schedule-project-ca.js';
import { makeStepProjectCa } from '../credentials/step-project-ca.js';
import type { StepProjectCa } from '../credentials/step-project-ca.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import { outbox } from '../notifications/outbox-store.js';
import type { Database } from '../storage/database.js';
import type { MasterKey } from '../storage/master-key.js';
import type { Schema } from '../storage/schema.js';
import type { Stores } from './stores.js';

/** The roll-over of the CAs of projects: for the routes, the command line and the periodic pass. */
export interface CaRotations {
  readonly listAuthorities: ListProjectAuthorities;
  readonly find: FindCaRotation;
  readonly prepare: PrepareProjectCa;
  readonly step: StepProjectCa;
  readonly schedule: ScheduleProjectCa;
  readonly reportTrustUpdate: ReportTrustUpdate;
  readonly isRollingOver: (project: string, trx: Kysely<Schema>) => Promise<boolean>;
  readonly hasDue: () => Promise<boolean>;
  /** Takes the steps of all projects whose date has come. */
  readonly takeDueSteps: () => Promise<void>;
}

/** Wires them over one database. */
export function makeCaRotations(edges: {
  readonly config: Pick<Config, 'projectAuthorityKeyType'>;
  readonly database: Database;
  readonly stores: Pick<Stores, 'transaction' | 'recordEvent'>;
  readonly authorities: ProjectAuthorities;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
}): CaRotations {
  const { database, authorities, masterKey, clock, random, log } = edges;
  const { transaction, recordEvent } = edges.stores;
  const projects = makeProjectStore(database.db);
  const store = makeCaRotationStore(database.db);
  const storeOf = (project: string) => makeAuthorityStore(database, purposeOfProject(project));
  const rollOverOf = (project: string) => makeRollOverStore(purposeOfProject(project));
  const listAuthorities: ListProjectAuthorities = async (project, executor) =>
    (await storeOf(project).list(executor)).map(readAuthority);
  const shared = { transaction, projects, listAuthorities, rollOverOf, store, recordEvent, clock };
  const step = makeStepProjectCa(shared);
  return {
    listAuthorities,
    find: makeFindCaRotation(shared),
    prepare: makePrepareProjectCa({
      ...shared,
      prepareAuthorityOf: (project) =>
        makePrepareAuthority({
          transaction,
          authorities: storeOf(project),
          rollOver: rollOverOf(project),
          recordEvent,
          masterKey,
          clock,
          random,
        }),
      authorities,
      findContacts: makeFindProjectContacts(database.db),
      outbox,
      keyType: edges.config.projectAuthorityKeyType,
      log,
    }),
    step,
    schedule: makeScheduleProjectCa(shared),
    reportTrustUpdate: makeReportTrustUpdate(shared),
    isRollingOver: (project, trx) => store.isUnderWay(project, trx),
    ...makeDueSteps({ step, listDue: () => store.listDue(clock()), clock, log }),
  };
}

/** By date nothing is forced: what stands in the way is said once an hour. */
function makeDueSteps({
  step,
  listDue,
  ...edges
}: {
  readonly step: StepProjectCa;
  readonly listDue: () => Promise<DueCaStep[]>;
  readonly clock: Clock;
  readonly log: Log;
}): Pick<CaRotations, 'hasDue' | 'takeDueSteps'> {
  const takeDueSteps = makeTakeDueSteps({
    takeStep: async ({ step: name, id, actor }) => {
      const due = (await listDue()).find((one) => one.id === id);
      if (!due) throw new Failure('authority-step-refused', 'Another gateway was first.');
      await step({ project: due.project, step: name, id, actor });
      return { leftBehind: [] };
    },
    store: { list: listDue },
    ...edges,
  });
  return {
    hasDue: async () => (await listDue()).length > 0,
    takeDueSteps: async () => takeDueSteps(await listDue()),
  };
}
