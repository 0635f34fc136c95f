import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { firstLineOfInput } from './first-line.js';
import { openOrganization } from './open-admin.js';
import type { OrganizationClient } from './open-admin.js';
import { describeRotation, oneRotation } from './rotation-answer.js';
import { fetchRotation, pathOf, seeList } from './rotation.js';
import type { NamedRotation } from './rotation.js';

interface Approval extends NamedRotation {
  /** Of what was shown elsewhere. */
  readonly digest: string | undefined;
  readonly message: string | undefined;
  readonly isAsked: boolean;
}

/**
 * `everleaf rotation approve ACCESS ROTATION`: shows the request, asks, and consents to exactly what was shown. What is
 * shown and asked goes to stderr, so that stdout has the answer alone.
 */
export const approveRotationCommand: Command<Approval> = async (
  { config, output },
  { digest: given, message, isAsked, access, rotation, ...as },
) => {
  const client = await openOrganization(config, as);
  const name = { access, rotation };
  const digest = given ?? (await consentTo(client, name, isAsked));
  const answer = await client.call(
    {
      method: 'POST',
      path: [...pathOf(client, name), 'approve'],
      body: { digest, ...(message === undefined ? {} : { message }) },
      ifLost: seeList,
    },
    oneRotation,
  );
  const { state, failure, credentials_lapse_time: until } = answer.rotation;
  if (state === 'failed')
    throw new StartFault(
      `Approved, but there are no new credentials, and the old ones work on. ${failure ?? 'The log of the gateway says why.'}`,
    );
  output.show({
    value: answer,
    text: `Approved ${rotation}. Who asked reveals the credentials, once, until ${until ?? 'they lapse'}:\n  everleaf rotation reveal ${access} ${rotation} --dir FOLDER`,
  });
};

async function consentTo(
  client: OrganizationClient,
  name: Pick<NamedRotation, 'access' | 'rotation'>,
  isAsked: boolean,
): Promise<string> {
  const rotation = await fetchRotation(client, name);
  process.stderr.write(`${describeRotation(rotation)}\n`);
  const { digest, state } = rotation;
  if (!digest) throw new StartFault(`There is nothing to approve: the request is ${state}.`);
  if (!isAsked) return digest;
  process.stderr.write('Approve? [y/N] ');
  if (/^y(es)?$/i.test((await firstLineOfInput())?.trim() ?? '')) return digest;
  throw new StartFault('Not approved: the request stays as it is.');
}
