import type { Kysely } from 'kysely';
import { dropProjectAuthorities } from '../authority/project-authorities.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction, RecordChange } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';
import type { MemberStore } from './member-store.js';
import { judgeProjectName } from './project-name.js';
import type { Project, ProjectStore } from './project-store.js';
import { judgeRenewalSettings } from './renewal-settings.js';
import type { EffectiveRenewalSettings } from './renewal-settings.js';

/** What can be said of a project when it is made and later. */
export type ProjectFacts = Pick<
  Project,
  'defaultCloud' | 'techEmails' | 'validitySeconds' | 'renewBeforeSeconds'
>;

/** Each throws a Failure where it cannot. */
export interface ChangeProjects {
  create(
    order: ChangeOrigin & {
      readonly name: string;
      readonly organizationId: string;
      /** Its first admin, where there is one besides the admins of the organisation. */
      readonly adminId: string | undefined;
      readonly facts: Partial<ProjectFacts>;
    },
  ): Promise<Project>;
  /** What is not given stays. */
  change(
    order: ChangeOrigin & { readonly name: string; readonly facts: Partial<ProjectFacts> },
  ): Promise<Project>;
  /** Only without services: they, and all who use them, would be cut off. */
  remove(order: ChangeOrigin & { readonly name: string }): Promise<void>;
}

interface Edges {
  readonly transaction: InTransaction;
  readonly projects: ProjectStore;
  readonly members: Pick<MemberStore, 'insert'>;
  /** The gateway's settings. */
  readonly renewalDefaults: EffectiveRenewalSettings;
  readonly clock: Clock;
  readonly recordChange: RecordChange;
}

const noFacts: ProjectFacts = {
  defaultCloud: '',
  techEmails: [],
  validitySeconds: null,
  renewBeforeSeconds: null,
};

/** Makes, changes and deletes projects. */
export function makeChangeProjects(edges: Edges): ChangeProjects {
  const { transaction, projects, members, renewalDefaults, clock, recordChange } = edges;
  return {
    create: async ({ name, organizationId, adminId, facts, ...origin }) => {
      const now = clock();
      const own = { name: judgeProjectName(name), organizationId, createdAt: now, updatedAt: now };
      const project = { ...noFacts, ...facts, ...own };
      judgeRenewalSettings(project, renewalDefaults);
      return transaction(async (trx) => {
        if (!(await projects.insert(project, trx)))
          throw new Failure('exists-already', `A project ${name} already exists.`);
        if (adminId !== undefined) {
          await members.insert({ project: name, userId: adminId, role: 'admin', now }, trx);
        }
        const detail = { organization: organizationId };
        await recordChange({ action: 'project.created', project: name, ...origin, detail }, trx);
        return project;
      });
    },
    change: ({ name, facts, ...origin }) =>
      transaction(async (trx) => {
        const old = await requireProject(projects, name, trx);
        if (Object.keys(facts).length === 0) return old;
        const project = { ...old, ...facts, updatedAt: clock() };
        judgeRenewalSettings(project, renewalDefaults);
        await projects.update(project, trx);
        await recordChange(
          { action: 'project.changed', project: name, ...origin, detail: { ...facts } },
          trx,
        );
        return project;
      }),
    remove: ({ name, ...origin }) =>
      transaction(async (trx) => {
        await requireProject(projects, name, trx);
        if (await projects.hasServices(name, trx)) {
          throw new Failure(
            'state-conflict',
            'The project still has services: delete them before it.',
          );
        }
        await dropProjectAuthorities(name, clock(), trx);
        await projects.remove(name, trx);
        await recordChange(
          { action: 'project.deleted', project: name, ...origin, detail: {} },
          trx,
        );
      }),
  };
}

/** Holds the project until the transaction ends. Throws the Failure `project-unknown` where there is none. */
export async function requireProject(
  projects: Pick<ProjectStore, 'lock'>,
  name: string,
  trx: Kysely<Schema>,
): Promise<Project> {
  const project = await projects.lock(name, trx);
  if (project) return project;
  throw new Failure('project-unknown', 'Project not found.');
}
