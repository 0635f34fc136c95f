import type { TrustUpdate } from '../credentials/ca-rotation-policy.js';
import type { Command } from './context.js';
import { namedService, withServices } from './open-services.js';

/** `everleaf service trust-updated PROJECT SERVICE --phase 1|2` */
export const trustUpdatedCommand: Command<{
  project: string;
  name: string;
  phase: TrustUpdate;
}> = async ({ actor, output, ...context }, { project, name, phase }) => {
  const { isNew } = await withServices(context, async (all) => {
    await namedService(all, { project, name });
    return all.caRotations.reportTrustUpdate({ project, name, phase, actor });
  });
  const what =
    phase === 1 ? 'trusts both CAs of the project' : 'presents a certificate of the new CA';
  output.show({
    value: { project, name, phase, isNew },
    text: `The service ${name} ${what}${isNew ? '' : ': that was known already'}.\neverleaf ca rotate --project ${project} shows what comes next.`,
  });
};
