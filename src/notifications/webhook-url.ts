import { isIP } from 'node:net';
import type { IsPublicAddress } from './public-address.js';

/** Where a webhook may lead. */
export interface WebhookRules {
  /** Also to loopback and private addresses, and by plain HTTP. */
  readonly allowsPrivate: boolean;
  readonly isPublic: IsPublicAddress;
}

const longestUrl = 2048;

/** What is wrong with the URL of a webhook, as the end of a sentence; undefined where nothing is. Asks nobody. */
export function wrongInWebhookUrl(text: string, rules: WebhookRules): string | undefined {
  if (text.length > longestUrl || !URL.canParse(text))
    return 'has to be a URL such as https://hooks.example.com/everleaf';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'has to begin with https://';
  if (url.username !== '' || url.password !== '')
    return 'holds no user and password: put a secret into the path or query';
  if (url.hash !== '') return 'has no part behind a #';
  if (rules.allowsPrivate) return undefined;
  if (url.protocol === 'http:')
    return 'has to begin with https://, unless EVERLEAF_WEBHOOK_PRIVATE=on';
  if (isPrivateHost(hostOf(url), rules.isPublic))
    return 'leads to a loopback or private address, which EVERLEAF_WEBHOOK_PRIVATE=on allows';
  return undefined;
}

/** The host of a URL as a socket takes it: IPv6 without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** By what is written alone; a name is judged again by its addresses when it is connected to. */
function isPrivateHost(host: string, isPublic: IsPublicAddress): boolean {
  return isIP(host) === 0 ? /(?:^|\.)localhost\.?$/.test(host) : !isPublic(host);
}
