import { readAuthority, trustAnchor } from '../authority/authority.js';
import { chooseServerIssuer } from '../authority/published-authorities.js';
import { makeIssueToken } from '../connector/issue-token.js';
import type { IssueToken } from '../connector/issue-token.js';
import type { Stores } from '../gateway/stores.js';
import { StartFault } from '../start-fault.js';
import type { CommandContext } from './context.js';
import { findFileKeyId } from './file-key.js';

/** How commands make tokens for the gateway that runs on this record. */
export async function openIssueToken(
  { config, clock, random }: CommandContext,
  stores: Stores,
): Promise<IssueToken> {
  await requireSameMode(config.mode, stores);
  return makeIssueToken({
    transaction: stores.transaction,
    store: stores.tokens,
    clock,
    random,
    ttlSeconds: config.tokenTtlSeconds,
    gatewayUrl: config.gateway.url ?? (await lastGatewayUrl(stores)),
    caSha256: async () =>
      caSha256(stores, { now: clock(), fileKeyId: await findFileKeyId(config, stores) }),
    recordEvent: stores.recordEvent,
  });
}

/** A shell without the gateway's settings would make tokens for another subject, silently. */
async function requireSameMode(mode: string, { settings }: Stores): Promise<void> {
  const served = await settings.find('mode');
  if (served !== undefined && served !== mode) {
    throw new StartFault(
      `The gateway was last started with EVERLEAF_MODE=${served}: set it here, too, or restart the gateway.`,
    );
  }
}

async function lastGatewayUrl({ settings }: Stores): Promise<string> {
  const url = await settings.find('gateway_url');
  if (url === undefined)
    throw new StartFault('EVERLEAF_GATEWAY_URL is not set and the gateway has never run here.');
  return url;
}

/** Of the root that the gateway's own server certificate leads to. */
async function caSha256(
  { authorities }: Stores,
  known: { readonly now: number; readonly fileKeyId: string | undefined },
): Promise<string> {
  const issuer = chooseServerIssuer((await authorities.list()).map(readAuthority), known);
  if (!issuer)
    throw new StartFault('The gateway has no authority yet: start it once with `everleaf serve`.');
  return trustAnchor(issuer).sha256;
}
