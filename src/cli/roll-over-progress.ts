import { readAuthority } from '../authority/authority.js';
import type { RecordedAuthority } from '../authority/authority.js';
import type { LeftBehind } from '../authority/left-behind-store.js';
import { describeLeftBehind } from '../authority/take-step.js';
import { formatName, readName } from '../pki/names.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatTable, formatTime, rfc3339 } from './output.js';

/** An authority and who would be cut off without it. */
interface Progress extends RecordedAuthority {
  readonly dependents: readonly LeftBehind[];
}

/** `everleaf ca rotate`: where the roll-over stands, who is still on the old authority, and what comes next. */
export const showRollOverCommand: Command<object> = async ({ config, clock, output }) => {
  const rows = await withRecord(config, clock, async ({ authorities, leftBehind }) => {
    const all = (await authorities.list()).map(readAuthority);
    return Promise.all(
      all.map(async (authority): Promise<Progress> => {
        const isRetired = authority.state === 'retired';
        const dependents = isRetired ? [] : await leftBehind.findDependents(authority.id, clock());
        return { ...authority, dependents };
      }),
    );
  });
  const next = nextStep(rows, clock());
  const waiting = rows
    .filter(({ state, dependents }) => state === 'retiring' && dependents.length > 0)
    .map(({ id, dependents }) => `Still on ${id}, ${describeLeftBehind(dependents)}`);
  output.show({
    value: { authorities: rows.map(valueOf), next },
    text: `${tableOf(rows)}\n\n${[...waiting, next].join('\n')}`,
  });
};

function tableOf(rows: readonly Progress[]): string {
  return formatTable(
    ['ID', 'STATE', 'SINCE', 'NEXT STEP', 'NEEDED BY', 'SUBJECT'],
    rows.map(({ id, state, stateSince, nextStepAt, revokedAt, dependents, certificate }) => [
      id,
      revokedAt === null ? state : `${state}, revoked`,
      formatTime(stateSince),
      formatTime(nextStepAt),
      dependents.length === 0 ? '-' : String(new Set(dependents.map(({ holder }) => holder)).size),
      formatName(readName(certificate.subject)),
    ]),
  );
}

function nextStep(authorities: readonly Progress[], now: number): string {
  const prepared = authorities.find(({ state }) => state === 'prepared');
  if (prepared && prepared.revokedAt !== null)
    return `Next: the prepared one is revoked: everleaf ca rotate retire ${prepared.id}`;
  if (prepared && prepared.nextStepAt !== null)
    return `Next: give relying parties the new bundle before ${formatTime(prepared.nextStepAt)}`;
  if (prepared)
    return 'Next: give relying parties the new bundle, then everleaf ca rotate activate';
  const retiring = authorities.filter(({ state }) => state === 'retiring');
  const needed = retiring.find(({ dependents }) => dependents.length > 0);
  if (needed) {
    return `Next: they move with their next renewal; everleaf certificate hint --authority ${needed.id} asks them for it now`;
  }
  const [old] = retiring;
  if (old) return `Next: nobody needs the old one any more: everleaf ca rotate retire ${old.id}`;
  const active = authorities.find(({ state }) => state === 'active');
  const days = active ? Math.floor((active.certificate.notAfter - now) / 86_400) : 0;
  return `No roll-over is under way. The active authority has ${String(days)} days left. To begin: everleaf ca rotate prepare`;
}

function valueOf(authority: Progress) {
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
