import type { RotationPhase } from '../credentials/ca-rotation-policy.js';
import { describeCaRotation } from '../credentials/ca-rotation-answers.js';
import type { CaRotation } from '../credentials/find-ca-rotation.js';
import { listNames } from '../authority/take-step.js';
import { formatName, readName } from '../pki/names.js';
import type { Command } from './context.js';
import { withServices } from './open-services.js';
import { requireProjectNamed } from './open-projects.js';
import { formatTable, formatTime } from './output.js';

/** `everleaf ca rotate --project P`: the phase, who has come how far, and what comes next. */
export const showProjectCaCommand: Command<{ project: string }> = async (context, { project }) => {
  await requireProjectNamed(context, project);
  const rotation = await withServices(context, (all) => all.caRotations.find(project));
  context.output.show({
    value: { ...describeCaRotation(rotation), next: nextOf(project, rotation) },
    text: [
      `Phase ${rotation.phase}`,
      authoritiesTable(rotation),
      ...(rotation.services.length === 0 ? [] : [servicesTable(rotation)]),
      [...usersOf(rotation), nextOf(project, rotation)].join('\n'),
    ].join('\n\n'),
  });
};

function authoritiesTable({ authorities }: CaRotation): string {
  return formatTable(
    ['ID', 'STATE', 'SINCE', 'NEXT STEP', 'NOT AFTER', 'SUBJECT'],
    authorities.map(({ id, state, stateSince, nextStepAt, certificate }) => [
      id,
      state,
      formatTime(stateSince),
      formatTime(nextStepAt),
      formatTime(certificate.notAfter),
      formatName(readName(certificate.subject)),
    ]),
  );
}

function servicesTable({ services }: CaRotation): string {
  return formatTable(
    ['SERVICE', 'UPDATE', 'PRESENTS'],
    services.map(({ service, trustUpdate, presented }) => [
      service,
      trustUpdate === 0 ? '-' : String(trustUpdate),
      presented?.id ?? '-',
    ]),
  );
}

function usersOf({ users }: CaRotation): string[] {
  if (users.length === 0) return [];
  const names = [...new Set(users.map(({ service, username }) => `${service}/${username}`))];
  return [
    `Certificates of the retiring CA that are still valid: ${String(users.length)}, of ${listNames(names)}`,
  ];
}

function nextOf(project: string, { phase, services, users }: CaRotation): string {
  const behind = (least: number): string =>
    listNames(services.filter((one) => one.trustUpdate < least).map(({ service }) => service));
  const report = (least: 1 | 2): string =>
    `everleaf service trust-updated ${project} SERVICE --phase ${String(least)}`;
  const [untrusting, notPresenting] = [behind(1), behind(2)];
  const words: Readonly<Record<RotationPhase, string>> = {
    ACTIVE: `everleaf ca rotate prepare --project ${project} begins a roll-over`,
    BUNDLE: `let every service trust both CAs, then ${report(1)}`,
    TRUSTING:
      untrusting === ''
        ? `everleaf ca rotate activate --project ${project}`
        : `let these trust both CAs, then ${report(1)}: ${untrusting}`,
    NEW_ACTIVE: `renew or reset the users; give every service a certificate of the new CA, then ${report(2)}`,
    PRESENTING:
      notPresenting !== ''
        ? `give these a certificate of the new CA, then ${report(2)}: ${notPresenting}`
        : users.length > 0
          ? 'renew or reset these users (everleaf user renew), and wait for the end of their old certificates or revoke them'
          : `everleaf ca rotate retire --project ${project}`,
    DONE: `everleaf ca rotate prepare --project ${project} begins another roll-over`,
  };
  const isReady = services.length === 0 && (phase === 'BUNDLE' || phase === 'NEW_ACTIVE');
  const step = phase === 'BUNDLE' ? 'activate' : 'retire';
  return `Next: ${isReady ? `everleaf ca rotate ${step} --project ${project}` : words[phase]}`;
}
