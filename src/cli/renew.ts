import type { AskedRenewals } from '../credentials/ask-for-renewals.js';
import type { PassedOver } from '../credentials/passed-over.js';
import { passedOverFor } from '../credentials/renew-now-policy.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Command } from './context.js';
import { requireProjectNamed } from './open-projects.js';
import { namedService, namedUser, withServices } from './open-services.js';
import type { NamedUser } from './open-services.js';
import { formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf user renew PROJECT SERVICE USER` */
export const renewUserCommand: Command<NamedUser & { again: boolean }> = async (
  context,
  { again, ...named },
) => {
  const { actor, output } = context;
  const { pair, pending } = await withServices(context, async (all) =>
    all.renewNow({ ...(await namedUser(all, named)), again, actor }),
  );
  const ends = formatTime(pair?.notAfter ?? null);
  output.show({
    value: {
      ...named,
      certificate: pair?.sha256 ?? null,
      notAfter: rfc3339(pair?.notAfter ?? null),
      expiringNotAfter: rfc3339(pending?.oldNotAfter ?? null),
    },
    text: `${named.username} has a certificate until ${ends}; the old one works on to its own end.`,
  });
};

/** `everleaf service renew PROJECT SERVICE` */
export const renewServiceCommand: Command<{
  project: string;
  name: string;
  again: boolean;
}> = async (context, { project, name, again }) => {
  const { actor, output } = context;
  const asked = await withServices(context, async (all) => {
    const service = await namedService(all, { project, name });
    return all.askForRenewals({ project, service: service.name, again, actor });
  });
  output.show(answerOf(asked));
};

/** `everleaf project renew PROJECT` */
export const renewProjectCommand: Command<{ project: string; again: boolean }> = async (
  context,
  { project, again },
) => {
  const { actor, output } = context;
  await requireProjectNamed(context, project);
  const asked = await withServices(context, (all) => all.askForRenewals({ project, again, actor }));
  output.show(answerOf(asked));
};

function answerOf({ asked, passedOver }: AskedRenewals): { value: unknown; text: string } {
  const told = `${String(asked)} users are renewed within a minute of a running gateway.`;
  return { value: { asked, passedOver }, text: withPassedOver(told, passedOver) };
}

function withPassedOver(told: string, passedOver: readonly PassedOver[]): string {
  if (passedOver.length === 0) return told;
  const rows = passedOver.map((one) => [one.service, one.username, passedOverFor[one.reason]]);
  return `${told}\n\n${formatTable(['SERVICE', 'USER', 'PASSED OVER'], rows)}`;
}

/** `everleaf service acknowledge PROJECT SERVICE` */
export const acknowledgeServiceCommand: Command<{ project: string; name: string }> = async (
  context,
  { project, name },
) => {
  const { actor, output } = context;
  const { acknowledged, passedOver } = await withServices(context, async (all) => {
    await namedService(all, { project, name });
    return all.acknowledgeService({ project, name, actor });
  });
  output.show({
    value: { project, service: name, acknowledged, passedOver },
    text: withPassedOver(
      acknowledged.length === 0
        ? `Nothing was acknowledged in ${name}.`
        : `Acknowledged: ${acknowledged.join(', ')}.`,
      passedOver,
    ),
  });
};

/** `everleaf user revoke-old PROJECT SERVICE USER` */
export const revokeOldCommand: Command<NamedUser & { reason: RevocationReason }> = async (
  context,
  { reason, ...named },
) => {
  const { actor, output } = context;
  const revoked = await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    return all.revokeOldCertificates({ user, reason, actor });
  });
  output.show({
    value: { ...named, reason, revoked: revoked.map(({ sha256 }) => sha256) },
    text:
      revoked.length === 0
        ? 'The older certificates were revoked before.'
        : revoked.map(({ sha256 }) => `Revoked ${sha256}`).join('\n'),
  });
};
