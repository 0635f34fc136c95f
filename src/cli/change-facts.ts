import type { ServiceFacts } from '../credentials/change-services.js';
import type { JsonObject, Service } from '../credentials/service.js';
import { readEmail } from '../people/find-user.js';
import type { Command } from './context.js';
import { withProjects } from './open-projects.js';
import { namedService, withServices } from './open-services.js';
import { showProjectCommand } from './project.js';
import { showServiceCommand } from './service.js';

interface ChangedFacts {
  readonly techEmails: readonly string[] | undefined;
  /** Seconds; null for what the project or the gateway says, undefined for what it is. */
  readonly validitySeconds: number | null | undefined;
  readonly renewBeforeSeconds: number | null | undefined;
}

/** `everleaf project change NAME` */
export const changeProjectCommand: Command<ChangedFacts & { name: string }> = async (
  context,
  { name, ...changed },
) => {
  const order = { name, facts: factsOf(changed), actor: context.actor };
  await withProjects(context, ({ changeProjects }) => changeProjects.change(order));
  await showProjectCommand(context, { name });
};

export interface ChangeServiceOptions extends ChangedFacts {
  readonly project: string;
  readonly name: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly power: 'on' | 'off' | undefined;
  /** What is said of its servers; the rest of `user_config` stays. */
  readonly userConfig: JsonObject;
}

/** `everleaf service change PROJECT NAME` */
export const changeServiceCommand: Command<ChangeServiceOptions> = async (context, options) => {
  const { project, name, host, port, power, userConfig, ...changed } = options;
  const facts = {
    ...factsOf(changed),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(power === undefined ? {} : { isPowered: power === 'on' }),
  };
  await withServices(context, async (all) => {
    await namedService(all, { project, name });
    const factsFor = (service: Service): Partial<ServiceFacts> =>
      Object.keys(userConfig).length === 0
        ? facts
        : { ...facts, userConfig: { ...service.userConfig, ...userConfig } };
    const order = { project, name, factsFor, actor: context.actor };
    await all.changeServices.change(order);
  });
  await showServiceCommand(context, { project, name });
};

function factsOf({ techEmails, validitySeconds, renewBeforeSeconds }: ChangedFacts) {
  return {
    ...(techEmails === undefined ? {} : { techEmails: techEmails.map(readEmail) }),
    ...(validitySeconds === undefined ? {} : { validitySeconds }),
    ...(renewBeforeSeconds === undefined ? {} : { renewBeforeSeconds }),
  };
}
