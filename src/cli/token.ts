import { makeCreateToken } from '../connector/create-token.js';
import type { EnrolmentToken } from '../connector/token-store.js';
import { readAuthority, trustAnchor } from '../authority/authority.js';
import { chooseServerIssuer } from '../authority/published-authorities.js';
import { StartFault } from '../start-fault.js';
import type { Stores } from '../gateway/stores.js';
import type { Command } from './context.js';
import { findFileKeyId } from './file-key.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf token create APPLICATION` */
export const createTokenCommand: Command<{
  application: string;
  ttlSeconds: number | undefined;
}> = async ({ config, clock, random, output, actor }, { application, ttlSeconds }) => {
  const created = await withRecord(config, clock, async (stores) => {
    const createToken = makeCreateToken({
      transaction: stores.transaction,
      store: stores.tokens,
      clock,
      random,
      ttlSeconds: config.tokenTtlSeconds,
      gatewayUrl: config.gateway.url ?? (await lastGatewayUrl(stores)),
      caSha256: async () =>
        caSha256(stores, { now: clock(), fileKeyId: await findFileKeyId(config, stores) }),
      recordEvent: stores.recordEvent,
      isPaired: (name) => stores.certificates.isPaired(name, clock()),
    });
    return createToken({ application, actor, ttlSeconds });
  });
  output.show({
    value: created,
    text: `${formatFields({
      Token: created.token,
      URL: created.url,
      Expires: formatTime(Date.parse(created.expiresAt) / 1000),
      CA: `SHA-256 ${created.caSha256}`,
      ...(created.notice === undefined ? {} : { Note: created.notice }),
    })}\n\nThe token works once and is not shown again.`,
  });
};

/** `everleaf token list` */
export const listTokensCommand: Command<{ limit: number }> = async (
  { config, clock, output },
  { limit },
) => {
  const tokens = await withRecord(config, clock, (stores) => stores.tokens.list(limit));
  const now = clock();
  const rows = tokens.map((token) => [
    token.id,
    token.application,
    token.purpose,
    stateOf(token, now),
    formatTime(token.createdAt),
    formatTime(token.expiresAt),
    token.createdBy,
  ]);
  output.show({
    value: tokens.map((token) => ({
      id: token.id,
      application: token.application,
      purpose: token.purpose,
      state: stateOf(token, now),
      createdAt: rfc3339(token.createdAt),
      createdBy: token.createdBy,
      expiresAt: rfc3339(token.expiresAt),
      usedAt: rfc3339(token.usedAt),
      withdrawnAt: rfc3339(token.withdrawnAt),
    })),
    text: formatTable(
      ['ID', 'APPLICATION', 'PURPOSE', 'STATE', 'CREATED', 'EXPIRES', 'CREATED BY'],
      rows,
    ),
  });
};

/** `everleaf token withdraw ID` */
export const withdrawTokenCommand: Command<{ id: string }> = async (
  { config, clock, output, actor },
  { id },
) => {
  await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      if (!(await stores.tokens.withdraw(id, clock(), trx))) {
        throw new StartFault(
          `There is no unused token ${id}: everleaf token list shows them by their IDs.`,
        );
      }
      await stores.recordEvent({ action: 'token.withdrawn', actor, detail: { token: id } }, trx);
    }),
  );
  output.show({ value: { id, state: 'withdrawn' }, text: `Token ${id} is withdrawn.` });
};

function stateOf(
  token: Pick<EnrolmentToken, 'usedAt' | 'withdrawnAt' | 'expiresAt'>,
  now: number,
): string {
  if (token.usedAt !== null) return 'used';
  if (token.withdrawnAt !== null) return 'withdrawn';
  return now > token.expiresAt ? 'expired' : 'open';
}

async function lastGatewayUrl(stores: Stores): Promise<string> {
  const url = await stores.settings.find('gateway_url');
  if (url === undefined)
    throw new StartFault('EVERLEAF_GATEWAY_URL is not set and the gateway has never run here.');
  return url;
}

/** Of the root that the gateway's own server certificate leads to. */
async function caSha256(
  stores: Stores,
  known: { readonly now: number; readonly fileKeyId: string | undefined },
): Promise<string> {
  const authorities = (await stores.authorities.list()).map(readAuthority);
  const issuer = chooseServerIssuer(authorities, known);
  if (!issuer)
    throw new StartFault('The gateway has no authority yet: start it once with `everleaf serve`.');
  return trustAnchor(issuer).sha256;
}
