import type { PastCertificate, ReadHistory } from '../connector/application-history.js';
import { clientOf } from '../connector/client.js';
import { tokenState } from '../connector/token-state.js';
import type { TokenStore } from '../connector/token-store.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { judgeRecord } from '../http/client-identity.js';
import { formatName, readName } from '../pki/names.js';
import { revokedWith, standstillOf } from './application-standing.js';
import { withQuery } from './query.js';

/** What the page of an application reads. */
export interface ApplicationPageEdges {
  readonly readHistory: ReadHistory;
  readonly tokens: Pick<TokenStore, 'listOf'>;
  readonly clock: Clock;
}

const mostCertificates = 100;
const mostTokens = 20;

/** One application, its certificates and its tokens, for its page. Throws Failure `resource-unknown`. */
export async function readApplication(
  { readHistory, tokens, clock }: ApplicationPageEdges,
  holder: string,
): Promise<Readonly<Record<string, unknown>>> {
  const now = clock();
  // PostgreSQL takes no NUL in a text.
  if (holder.includes('\0')) throw unknownApplication();
  const certificates = await readHistory(holder, mostCertificates);
  const replaced = new Set(certificates.map(({ predecessor }) => predecessor));
  const judged = certificates.map((one) => ({
    ...one,
    ...whose(one),
    state: one.revokedAt === null ? judgeRecord(one, now) : ('revoked' as const),
    isReplaced: replaced.has(one.sha256),
  }));
  const kind = certificates[0]?.kind ?? 'application';
  const client = clientOf({ kind, holder });
  const made = await tokens.listOf(client, mostTokens);
  if (certificates.length === 0 && made.length === 0) throw unknownApplication();
  return {
    client,
    newTokenPath: pathOfNewToken(client),
    subject: certificates[0] && formatName(readName(certificates[0].subject)),
    isCut: certificates.length === mostCertificates,
    certificates: judged.map((one) => ({ ...one, revokedWith: revokedWith(one, judged) })),
    standstill: standstillOf(holder, judged),
    auditPath: withQuery('/audit', { holder }),
    lines: new Set(certificates.map(({ line }) => line)).size,
    tokens: made.map((token) => ({ ...token, state: tokenState(token, now) })),
  };
}

function unknownApplication(): Failure {
  return new Failure('resource-unknown', 'There is no application of that name on record.');
}

/** Who had it issued and who revoked it, as the audit log tells. */
function whose({ sha256, events }: PastCertificate) {
  const revoked = events.findLast(({ action }) => action === 'certificate.revoked');
  const issued = events.find((event) => event !== revoked);
  return {
    issued: issued && { ...issued, words: issued.action.replace('certificate.', '') },
    revokedBy: revoked?.actor,
    revocationPath: `/applications/revocations/new?certificate=${sha256}`,
  };
}

function pathOfNewToken({ kind, application, tenant, group }: ReturnType<typeof clientOf>): string {
  const names = { kind, application, tenant: tenant ?? undefined, group: group ?? undefined };
  return withQuery('/applications/tokens/new', names);
}
