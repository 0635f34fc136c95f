import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import type { Config } from '../config.js';
import { readSettingFile, codeOf } from '../setting-file.js';
import { StartFault } from '../start-fault.js';
import { makeAdminClient } from './admin-client.js';
import type { AdminClient } from './admin-client.js';
import { visibleLine } from './visible-text.js';

/** Where the admin listener is and who calls: options of every command that acts as a person. */
export interface AdminOptions {
  readonly url?: string;
  readonly cacert?: string;
  readonly tokenFile?: string;
  readonly organization?: string;
}

/** An organisation, seen as the person whose token it is. */
export interface OrganizationClient extends AdminClient {
  /** The path of something of its governance. */
  readonly governance: (...segments: readonly string[]) => readonly string[];
  /** The path of something else of it. */
  readonly ofOrganization: (...segments: readonly string[]) => readonly string[];
}

/** Longer than a gateway takes for a key of RSA 4096 and the stores of a reveal. */
const deadlineMs = 60_000;

/** Throws a StartFault where it cannot be known whom to call, who calls, or about which organisation. */
export async function openOrganization(
  config: Config,
  options: AdminOptions,
): Promise<OrganizationClient> {
  const client = makeAdminClient({
    url: urlOf(config, options),
    token: await tokenOf(config, options),
    trusted: await trustedOf(config, options),
    deadlineMs,
  });
  const id = options.organization ?? (await onlyOrganization(client));
  const ofOrganization = (...segments: readonly string[]) => ['organization', id, ...segments];
  return {
    ...client,
    ofOrganization,
    governance: (...segments) => ofOrganization('governance', ...segments),
  };
}

function urlOf({ admin }: Config, { url }: AdminOptions): string {
  const chosen = url ?? admin.url ?? localUrl(admin);
  const { protocol, hostname } = new URL(chosen);
  if (protocol === 'https:' || /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname)) return chosen;
  throw new StartFault(`${chosen} is plain HTTP, which would show the token: use https://.`);
}

function localUrl({ listen, tls }: Config['admin']): string {
  if (listen.port !== 0) return `${tls ? 'https' : 'http'}://localhost:${String(listen.port)}`;
  throw new StartFault('Say where the admin listener is, with --url or EVERLEAF_ADMIN_URL.');
}

async function tokenOf({ client }: Config, { tokenFile }: AdminOptions): Promise<string> {
  const text =
    tokenFile === undefined ? client.token : await readSettingFile('--token-file', tokenFile);
  if (text === undefined)
    throw new StartFault(
      'Whose consent it is has to be known: put your token into EVERLEAF_TOKEN, or into a file and name that with --token-file.',
    );
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new StartFault(
    `${tokenFile ?? 'EVERLEAF_TOKEN'} holds no token: a token is one line without spaces.`,
  );
}

/** A file that is named counts alone; else what this machine trusts, and the CA of a gateway whose home is here. */
async function trustedOf(
  { client, home }: Config,
  { cacert = client.caFile }: AdminOptions,
): Promise<readonly string[] | undefined> {
  if (cacert !== undefined) return [await readSettingFile('The CA file', cacert)];
  try {
    return [...rootCertificates, await readFile(join(home, 'ca.crt'), 'utf8')];
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const organizations = z.object({
  organizations: z.array(z.object({ organization_id: z.string(), organization_name: z.string() })),
});

async function onlyOrganization(client: AdminClient): Promise<string> {
  const answer = await client.call({ method: 'GET', path: ['organizations'] }, organizations);
  const [first, ...others] = answer.organizations;
  if (!first) throw new StartFault('You belong to no organization: ask an admin of it to add you.');
  if (others.length === 0) return first.organization_id;
  const names = answer.organizations.map(
    ({ organization_id, organization_name }) =>
      `${organization_id} (${visibleLine(organization_name)})`,
  );
  throw new StartFault(`Say which organization with --organization: ${names.join(', ')}.`);
}
