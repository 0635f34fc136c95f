import type { Project, ProjectStore } from '../credentials/project-store.js';
import { makeProjectStores } from '../gateway/project-stores.js';
import type { ProjectStores } from '../gateway/project-stores.js';
import type { Group } from '../people/group-store.js';
import { StartFault } from '../start-fault.js';
import type { CommandContext } from './context.js';
import { withDatabase } from './open-record.js';

/** Opens the record for what people belong to, runs `work` on it and closes it. */
export async function withProjects<Result>(
  { config, clock, random }: Pick<CommandContext, 'config' | 'clock' | 'random'>,
  work: (stores: ProjectStores) => Promise<Result>,
): Promise<Result> {
  return withDatabase(config, clock, (database, { transaction, recordEvent }) =>
    work(
      makeProjectStores({
        db: database.db,
        transaction,
        recordEvent,
        clock,
        random,
        renewalDefaults: config.renewalDefaults,
      }),
    ),
  );
}

/** Throws a StartFault where there is no project of that name. */
export async function requireProjectNamed(
  context: Parameters<typeof withProjects>[0],
  name: string,
): Promise<void> {
  await withProjects(context, (stores) => namedProject(stores, name));
}

/** A project by its name. Throws a StartFault where there is none. */
export async function namedProject(
  { projects }: { readonly projects: Pick<ProjectStore, 'find'> },
  name: string,
): Promise<Project> {
  const project = await projects.find(name);
  if (project) return project;
  throw new StartFault(`There is no project ${name}: everleaf project list shows them.`);
}

/** The id of the organisation that `--organization` names, or of the only one. Throws a StartFault otherwise. */
export async function chosenOrganization(
  { organizations }: Pick<ProjectStores, 'organizations'>,
  named: string | undefined,
): Promise<string> {
  const all = await organizations.list();
  if (named === undefined && all.length > 1)
    throw new StartFault('There are several organizations: name one with --organization.');
  const chosen = named === undefined ? all[0] : all.find(({ id }) => id === named);
  if (chosen) return chosen.id;
  throw new StartFault(
    named === undefined
      ? 'There is no organization yet: everleaf organization create makes one.'
      : `There is no organization ${named}: everleaf organization list shows them by their IDs.`,
  );
}

/** A group of an organisation by name or id. Throws a StartFault where there is none. */
export async function namedGroup(
  { groups }: Pick<ProjectStores, 'groups'>,
  { organizationId, name }: { readonly organizationId: string; readonly name: string },
): Promise<Group> {
  const all = await groups.list(organizationId);
  const found = all.find((one) => one.id === name) ?? all.find((one) => one.name === name);
  if (found) return found;
  throw new StartFault(`There is no group ${name}: everleaf group list shows them.`);
}
