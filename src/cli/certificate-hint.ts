import { makeHintRenewal } from '../authority/hint-renewal.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import { StartFault } from '../start-fault.js';
import { findCertificate } from './certificate.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';

/** `everleaf certificate hint`: of one certificate, a holder or an authority. */
export const hintRenewalCommand: Command<{
  name: string | undefined;
  holder: string | undefined;
  authorityId: string | undefined;
}> = async ({ config, clock, output, actor }, { name, holder, authorityId }) => {
  const count = await withRecord(config, clock, async (stores) => {
    const { transaction, recordEvent } = stores;
    const hint = makeHintRenewal({
      transaction,
      rollOver: makeRollOverStore(),
      recordEvent,
      clock,
    });
    if (holder !== undefined) return hint({ target: { holder }, actor });
    if (authorityId !== undefined) return hint({ target: { authorityId }, actor });
    const { sha256 } = await findCertificate(stores, name ?? '');
    return hint({ target: { sha256 }, actor });
  });
  if (count === 0)
    throw new StartFault(
      'There is no certificate that this concerns. Users of services are renewed by everleaf user renew.',
    );
  output.show({
    value: { count },
    text: `${String(count)} ${count === 1 ? 'certificate is' : 'certificates are'} to be renewed at once: holders see it in the management info within six hours.`,
  });
};
