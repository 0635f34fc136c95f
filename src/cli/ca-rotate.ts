import { readAuthority } from '../authority/authority.js';
import type { RecordedAuthority } from '../authority/authority.js';
import { readAuthorityFiles } from '../authority/authority-files.js';
import type { BroughtAuthority } from '../authority/authority-files.js';
import { makePrepareAuthority } from '../authority/prepare-authority.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import { describeLeftBehind } from '../authority/take-step.js';
import type { LeftBehind } from '../authority/left-behind-store.js';
import { openMasterKey } from '../gateway/foundation.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { formatName, readName } from '../pki/names.js';
import { StartFault } from '../start-fault.js';
import type { AuthorityState } from '../storage/schema.js';
import type { Command, CommandContext } from './context.js';
import { withDatabase, withRecord } from './open-record.js';
import { formatTable, formatTime, rfc3339 } from './output.js';
import type { Moment } from './read-date.js';

/** `everleaf ca rotate`: where the roll-over stands, who is still on which authority, and what comes next. */
export const showRollOverCommand: Command<object> = async ({ config, clock, output }) => {
  const rows = await withRecord(config, clock, async (stores) => {
    const authorities = (await stores.authorities.list()).map(readAuthority);
    return Promise.all(
      authorities.map(async (authority) => ({
        ...authority,
        dependents: await stores.leftBehind.findDependents(authority.id, clock()),
      })),
    );
  });
  const next = nextStep(rows, clock());
  output.show({
    value: { authorities: rows.map(progressOf), next },
    text: `${formatTable(
      ['ID', 'STATE', 'SINCE', 'NEXT STEP', 'SUBJECT', 'HOLDERS THAT NEED IT'],
      rows.map(({ id, state, stateSince, nextStepAt, certificate, dependents }) => [
        id,
        state,
        formatTime(stateSince),
        formatTime(nextStepAt),
        formatName(readName(certificate.subject)),
        dependents.length === 0 ? '-' : describeLeftBehind(dependents),
      ]),
    )}\n\n${next}`,
  });
};

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
    text: `Prepared authority ${authority.id} (${subject}). It is published now beside the active one and signs nothing yet.\nGive relying parties the new bundle, {home}/ca.crt or /pki/ca.pem, before it becomes active. ${when}`,
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
  if (certFile !== undefined || keyFile !== undefined || chainFile !== undefined)
    throw new StartFault('--cert-file and --key-file go together; --chain-file needs both.');
  const { authority, subject } = config;
  return {
    form: {
      keyType: options.keyType ?? authority.keyType,
      validitySeconds: options.validitySeconds ?? authority.validitySeconds,
      organization: subject.O,
    },
  };
}

function nextStep(authorities: readonly RecordedAuthority[], now: number): string {
  const has = (state: AuthorityState): boolean => authorities.some((one) => one.state === state);
  if (has('prepared')) {
    return 'Next: give relying parties the new bundle, then everleaf ca rotate activate';
  }
  if (has('retiring')) return 'Next: when nobody needs the old one, everleaf ca rotate retire';
  const active = authorities.find(({ state }) => state === 'active');
  const days = active ? Math.floor((active.certificate.notAfter - now) / 86_400) : 0;
  return `No roll-over is under way. The active authority has ${String(days)} days left. To begin: everleaf ca rotate prepare`;
}

function progressOf(authority: RecordedAuthority & { readonly dependents: readonly LeftBehind[] }) {
  return {
    id: authority.id,
    state: authority.state,
    since: rfc3339(authority.stateSince),
    nextStepAt: rfc3339(authority.nextStepAt),
    subject: formatName(readName(authority.certificate.subject)),
    notAfter: rfc3339(authority.certificate.notAfter),
    revokedAt: rfc3339(authority.revokedAt),
    dependents: authority.dependents.map(({ holder, kind, notAfter }) => ({
      holder,
      kind,
      notAfter: rfc3339(notAfter),
    })),
  };
}
