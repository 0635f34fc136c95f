import type { Project } from '../credentials/project-store.js';
import { formatDuration } from '../duration.js';
import { readEmail } from '../people/find-user.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { chosenOrganization, namedProject, withProjects } from './open-projects.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf project list` */
export const listProjectsCommand: Command<object> = async (context) => {
  const projects = await withProjects(context, (stores) => stores.projects.list());
  context.output.show({
    value: projects.map(summaryOf),
    text: formatTable(
      ['NAME', 'ORGANIZATION', 'CREATED'],
      projects.map((one) => [one.name, one.organizationId, formatTime(one.createdAt)]),
    ),
  });
};

/** `everleaf project create NAME` */
export const createProjectCommand: Command<{
  name: string;
  organization: string | undefined;
  admin: string | undefined;
  techEmails: readonly string[];
}> = async (context, { name, organization, admin, techEmails }) => {
  const { actor, output } = context;
  const facts = { techEmails: techEmails.map(readEmail) };
  const project = await withProjects(context, async (stores) => {
    const organizationId = await chosenOrganization(stores, organization);
    const adminId = admin === undefined ? undefined : await stores.findUser(readEmail(admin));
    if (admin !== undefined && adminId === undefined)
      throw new StartFault(`There is no user ${admin}.`);
    return stores.changeProjects.create({ name, organizationId, adminId, facts, actor });
  });
  output.show({ value: summaryOf(project), text: textOf(project) });
};

/** `everleaf project show NAME` */
export const showProjectCommand: Command<{ name: string }> = async (context, { name }) => {
  const project = await withProjects(context, (stores) => namedProject(stores, name));
  context.output.show({ value: summaryOf(project), text: textOf(project) });
};

function summaryOf(project: Project) {
  return {
    name: project.name,
    organization: project.organizationId,
    cloud: project.defaultCloud,
    techEmails: project.techEmails,
    certificateValidity: durationOf(project.validitySeconds),
    renewBefore: durationOf(project.renewBeforeSeconds),
    createdAt: rfc3339(project.createdAt),
    updatedAt: rfc3339(project.updatedAt),
  };
}

function textOf(project: Project): string {
  return formatFields({
    Name: project.name,
    Organization: project.organizationId,
    Cloud: project.defaultCloud === '' ? null : project.defaultCloud,
    'Technical addresses': project.techEmails.length === 0 ? null : project.techEmails.join(' '),
    'Validity of certificates': durationOf(project.validitySeconds),
    'Renewed before the end': durationOf(project.renewBeforeSeconds),
    Created: formatTime(project.createdAt),
    Changed: formatTime(project.updatedAt),
  });
}

function durationOf(seconds: number | null): string | null {
  return seconds === null ? null : formatDuration(seconds);
}
