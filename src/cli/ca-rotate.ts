import { join } from 'node:path';
import { readAuthorityFiles } from '../authority/authority-files.js';
import type { BroughtAuthority } from '../authority/authority-files.js';
import { makePrepareAuthority } from '../authority/prepare-authority.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import { openMasterKey } from '../gateway/open-master-key.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { formatName, readName } from '../pki/names.js';
import type { Command, CommandContext } from './context.js';
import { withDatabase } from './open-record.js';
import { formatTime, rfc3339 } from './output.js';
import type { Moment } from './read-date.js';

export interface PrepareOptions {
  readonly activateAt: Moment | undefined;
  readonly keyType: AuthorityKeyType | undefined;
  readonly validitySeconds: number | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly chainFile: string | undefined;
}

/** `everleaf ca rotate prepare` */
export const prepareAuthorityCommand: Command<PrepareOptions> = async (context, options) => {
  const { config, clock, random, output, actor } = context;
  const what = await whatToPrepare(context, options);
  const activateAt = options.activateAt?.(clock()) ?? null;
  const authority = await withDatabase(config, clock, async (database, stores) => {
    const masterKey = await openMasterKey({ config, database, stores, random });
    const { transaction, authorities, recordEvent } = stores;
    const rollOver = makeRollOverStore();
    const edges = { transaction, authorities, rollOver, recordEvent, masterKey, clock, random };
    return makePrepareAuthority(edges)({ ...what, actor, activateAt });
  });
  const subject = formatName(readName(authority.certificate.subject));
  const when =
    activateAt === null
      ? 'Then: everleaf ca rotate activate'
      : `It becomes active on ${formatTime(activateAt)}.`;
  output.show({
    value: {
      id: authority.id,
      subject,
      sha256: authority.certificate.sha256,
      activateAt: rfc3339(activateAt),
    },
    text: `Authority ${authority.id} (${subject}) is prepared: published beside the active one, it signs nothing yet.\nGive relying parties the new bundle, ${join(config.home, 'ca.crt')} or /pki/ca.pem, before it becomes active.\n${when}`,
  });
};

async function whatToPrepare(
  { config, clock }: CommandContext,
  options: PrepareOptions,
): Promise<
  | { readonly brought: BroughtAuthority }
  | { readonly form: { keyType: AuthorityKeyType; validitySeconds: number; organization: string } }
> {
  const { certFile, keyFile, chainFile } = options;
  if (certFile !== undefined && keyFile !== undefined) {
    const names = { cert: '--cert-file', key: '--key-file', chain: '--chain-file' };
    return { brought: await readAuthorityFiles({ certFile, keyFile, chainFile, names }, clock()) };
  }
  const { authority, subject } = config;
  return {
    form: {
      keyType: options.keyType ?? authority.keyType,
      validitySeconds: options.validitySeconds ?? authority.validitySeconds,
      organization: subject.O,
    },
  };
}
