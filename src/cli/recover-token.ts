import type { LineMember } from '../authority/line-store.js';
import { isClientKind } from '../authority/certificate-kinds.js';
import { clientOf } from '../connector/client.js';
import { judgeLines } from '../connector/recovery-policy.js';
import type { JudgedLine } from '../connector/recovery-policy.js';
import type { Stores } from '../gateway/stores.js';
import { StartFault } from '../start-fault.js';
import { findCertificate } from './certificate.js';
import type { Command } from './context.js';
import { openIssueToken } from './issue-token.js';
import { withRecord } from './open-record.js';
import { formatTime } from './output.js';
import { showCreated } from './token.js';

/** `everleaf token create --recover SHA256|NAME` */
export const createRecoverTokenCommand: Command<{
  name: string;
  ttlSeconds: number | undefined;
}> = async (context, { name, ttlSeconds }) => {
  const { config, clock, output, actor } = context;
  const { created, lapsed } = await withRecord(config, clock, async (stores) => {
    const found = await findLapsedLine(stores, name, clock());
    if (found.kind === 'runtime' && config.mode === 'standalone')
      throw new StartFault(`${found.holder} is a runtime: it needs EVERLEAF_MODE=central.`);
    const issueToken = await openIssueToken(context, stores);
    const order = { client: clientOf(found), predecessor: found.sha256, actor, ttlSeconds };
    return { lapsed: found, created: await issueToken(order) };
  });
  const { holder } = lapsed;
  const note = `It brings back ${holder}, certificate ${short(lapsed)}, ${endOf(lapsed)}.`;
  showCreated(output, { ...created, recovers: lapsed.sha256 }, note);
};

/** The newest certificate of the one lapsed line that is meant. Throws a StartFault that says what else to do. */
async function findLapsedLine(stores: Stores, name: string, now: number): Promise<LineMember> {
  const ofHolder = judgeLines(await stores.lines.membersOf({ holder: name }), now);
  const lines = ofHolder.length > 0 ? ofHolder : [await lineNamed(stores, name, now)];
  const lapsed = lines.filter(({ state }) => state === 'lapsed');
  const [only, ...others] = lapsed;
  if (only === undefined) throw notLapsed(lines);
  if (others.length === 0) return only.newest;
  const list = lapsed.map(({ newest }) => `  ${short(newest)}  ${endOf(newest)}`).join('\n');
  throw new StartFault(
    `${name} has ${String(lapsed.length)} lapsed lines: name one by its SHA-256.\n${list}`,
  );
}

async function lineNamed(stores: Stores, name: string, now: number): Promise<JudgedLine> {
  const prefix = name.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(prefix)) {
    throw new StartFault(
      `No certificate of ${name} is on record: everleaf certificate list --expired shows the holders.`,
    );
  }
  const { kind, holder, line } = await findCertificate(stores, prefix);
  if (!isClientKind(kind))
    throw new StartFault(`It is a ${kind} certificate, which needs no token.`);
  const [judged] = judgeLines(await stores.lines.membersOf({ holder, line }), now);
  if (!judged) throw new Error('a certificate on record has no line');
  return judged;
}

/** There is nothing to recover: a valid certificate can be renewed, a revoked line does not go on. */
function notLapsed(lines: readonly JudgedLine[]): StartFault {
  const valid = lines.find(({ state }) => state === 'valid');
  const newest = (valid ?? lines[0])?.newest;
  if (!newest) throw new Error('no line was judged');
  const { holder, notAfter } = newest;
  if (valid) {
    const end = formatTime(notAfter);
    return new StartFault(
      `${holder} holds the certificate ${short(newest)}, valid until ${end}: renew it. Where its key is lost, revoke it, and make a plain token, without --recover.`,
    );
  }
  return new StartFault(
    `The certificate ${short(newest)} of ${holder} has been revoked: a plain token, without --recover, starts a new line.`,
  );
}

function short({ sha256 }: LineMember): string {
  return sha256.slice(0, 16);
}

function endOf({ notAfter }: LineMember): string {
  return `expiry ${formatTime(notAfter)}`;
}
