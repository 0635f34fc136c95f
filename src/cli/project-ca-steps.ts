import type { RollOverStep } from '../authority/roll-over-policy.js';
import { listNames } from '../authority/take-step.js';
import type { LeftByStep } from '../credentials/step-project-ca.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { formatName, readName } from '../pki/names.js';
import type { StepOptions } from './ca-steps.js';
import type { Command } from './context.js';
import { requireProjectNamed } from './open-projects.js';
import { withServices } from './open-services.js';
import { formatTime, rfc3339 } from './output.js';
import type { Moment } from './read-date.js';

/** `everleaf ca rotate prepare --project P` */
export const prepareProjectCaCommand: Command<{
  project: string;
  activateAt: Moment | undefined;
  keyType: AuthorityKeyType | undefined;
  validitySeconds: number | undefined;
}> = async (context, { project, activateAt: moment, ...form }) => {
  const { clock, output, actor } = context;
  await requireProjectNamed(context, project);
  const activateAt = moment?.(clock()) ?? null;
  const { authority, told } = await withServices(context, (all) =>
    all.caRotations.prepare({ project, activateAt, actor, ...form }),
  );
  const { id, certificate } = authority;
  const subject = formatName(readName(certificate.subject));
  const when =
    activateAt === null
      ? `Then: everleaf ca rotate activate --project ${project}`
      : `It becomes active on ${formatTime(activateAt)}, if every service trusts it by then.`;
  output.show({
    value: { id, subject, sha256: certificate.sha256, activateAt: rfc3339(activateAt), told },
    text: `Authority ${id} (${subject}) is prepared: the download of the project's CA holds both from now on, the present one first; the new one signs nothing yet.\nAnnounced to ${String(told)} ${told === 1 ? 'recipient' : 'recipients'}.\nLet every service trust both, then for each: everleaf service trust-updated ${project} SERVICE --phase 1\n${when}`,
  });
};

type ProjectStepOptions = StepOptions & { readonly project: string };

/** `everleaf ca rotate activate [ID] --project P`: the prepared one by default. */
export const activateProjectCaCommand: Command<ProjectStepOptions> = (context, options) =>
  step(context, { ...options, step: 'activate' });

/** `everleaf ca rotate retire [ID] --project P`: the retiring one by default. */
export const retireProjectCaCommand: Command<ProjectStepOptions> = (context, options) =>
  step(context, { ...options, step: 'retire' });

const step: Command<ProjectStepOptions & { readonly step: RollOverStep }> = async (
  context,
  { project, step: name, id: named, at: moment, isForced },
) => {
  const { clock, output, actor } = context;
  await requireProjectNamed(context, project);
  const order = { project, step: name, id: named, actor };
  if (moment !== undefined) {
    const at = moment(clock());
    const { id } = await withServices(context, (all) => all.caRotations.schedule({ ...order, at }));
    output.show({
      value: { id, step: name, at: rfc3339(at) },
      text:
        at === null
          ? `Authority ${id} waits for a command again.`
          : `Authority ${id}: ${name} on ${formatTime(at)}, by whichever gateway runs then, once nothing stands in the way.`,
    });
    return;
  }
  const left = await withServices(context, (all) => all.caRotations.step({ ...order, isForced }));
  const { id, services, users } = left;
  output.show({
    value: { id, step: name, leftBehind: { services, users } },
    text: [name === 'activate' ? activated(id, project) : retired(id), ...warnings(left)].join(
      '\n',
    ),
  });
};

function activated(id: string, project: string): string {
  return `Authority ${id} is active: new users, resets and renewals of ${project} are signed by it. Those in use stay good.\nRenew or reset the users, give each service a certificate of the new CA, then for each: everleaf service trust-updated ${project} SERVICE --phase 2`;
}

function retired(id: string): string {
  return `Authority ${id} is retired: it leaves the download of the project's CA in a minute, and the roll-over is over.`;
}

function warnings({ services, users }: LeftByStep): string[] {
  return [
    ...(services.length === 0 ? [] : [`WARNING: not reported by ${listNames(services)}`]),
    ...(users.length === 0
      ? []
      : [`WARNING: cut off where it is no longer trusted: ${listNames(users)}`]),
  ];
}
