import { makeIssueToken } from '../connector/issue-token.js';
import type { IssueToken } from '../connector/issue-token.js';
import type { Stores } from '../gateway/stores.js';
import { readCertificate } from '../pki/certificate-facts.js';
import { StartFault } from '../start-fault.js';
import type { CommandContext } from './context.js';

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
    caSha256: await caSha256(stores),
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

async function caSha256({ authorities }: Stores): Promise<string> {
  const active = await authorities.findActive();
  if (!active)
    throw new StartFault('The gateway has no authority yet: start it once with `everleaf serve`.');
  const root = active.chain.at(-1) ?? active.certificate;
  return readCertificate(Buffer.from(root, 'base64')).sha256;
}
