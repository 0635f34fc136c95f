import type { Config } from '../config.js';
import { holderName } from '../connector/client.js';
import type { Client } from '../connector/client.js';
import { makeCreateToken } from '../connector/create-token.js';
import type { CreatedToken } from '../connector/issue-token.js';
import { tokenState } from '../connector/token-state.js';
import { makeWithdrawToken } from '../connector/withdraw-token.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { openIssueToken } from './issue-token.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';
import type { Output } from './output.js';

/** Whom `token create` names; a runtime has no application. */
export interface NamedClient {
  readonly application: string | undefined;
  readonly tenant: string | undefined;
  readonly group: string | undefined;
}

/** `everleaf token create APPLICATION`, `everleaf token create --runtime` */
export const createTokenCommand: Command<NamedClient & { ttlSeconds: number | undefined }> = async (
  context,
  { ttlSeconds, ...named },
) => {
  const { config, clock, output, actor } = context;
  const client = clientNamed(named, config.mode);
  const created = await withRecord(config, clock, async (stores) => {
    const createToken = makeCreateToken({
      issueToken: await openIssueToken(context, stores),
      isPaired: (one) => stores.certificates.isPaired(one, clock()),
    });
    return createToken({ client, actor, ttlSeconds });
  });
  showCreated(output, created, created.notice);
};

/** Shows a token, once; `recovers` is the SHA-256 of the lapsed certificate that it continues. */
export function showCreated(
  output: Output,
  created: CreatedToken & { readonly recovers?: string },
  note: string | undefined,
): void {
  output.show({
    value: created,
    text: `${formatFields({
      Token: created.token,
      URL: created.url,
      Expires: formatTime(Date.parse(created.expiresAt) / 1000),
      CA: `SHA-256 ${created.caSha256}`,
      ...(note === undefined ? {} : { Note: note }),
    })}\n\nThe token works once and is not shown again.`,
  });
}

function clientNamed({ application, tenant, group }: NamedClient, mode: Config['mode']): Client {
  const kind = application === undefined ? 'runtime' : 'application';
  const names = { kind, application: application ?? '' } as const;
  if (mode === 'central') {
    if (tenant === undefined)
      throw new StartFault('With EVERLEAF_MODE=central --tenant is needed.');
    if (group === undefined) throw new StartFault('With EVERLEAF_MODE=central --group is needed.');
    return { ...names, tenant, group };
  }
  const [option] = [
    ...(kind === 'runtime' ? ['--runtime'] : []),
    ...(tenant === undefined ? [] : ['--tenant']),
    ...(group === undefined ? [] : ['--group']),
  ];
  if (option !== undefined) throw new StartFault(`${option} needs EVERLEAF_MODE=central.`);
  return { ...names, tenant: null, group: null };
}

/** `everleaf token list` */
export const listTokensCommand: Command<{ limit: number }> = async (
  { config, clock, output },
  { limit },
) => {
  const tokens = await withRecord(config, clock, (stores) => stores.tokens.list(limit));
  const now = clock();
  const rows = tokens.map((token) => [
    token.id,
    token.kind,
    holderName(token),
    token.purpose,
    tokenState(token, now),
    formatTime(token.createdAt),
    formatTime(token.expiresAt),
    token.createdBy,
  ]);
  output.show({
    value: tokens.map((token) => ({
      id: token.id,
      kind: token.kind,
      application: token.kind === 'runtime' ? null : token.application,
      tenant: token.tenant,
      group: token.group,
      purpose: token.purpose,
      predecessor: token.predecessor,
      state: tokenState(token, now),
      createdAt: rfc3339(token.createdAt),
      createdBy: token.createdBy,
      expiresAt: rfc3339(token.expiresAt),
      usedAt: rfc3339(token.usedAt),
      withdrawnAt: rfc3339(token.withdrawnAt),
    })),
    text: formatTable(
      ['ID', 'KIND', 'HOLDER', 'PURPOSE', 'STATE', 'CREATED', 'EXPIRES', 'CREATED BY'],
      rows,
    ),
  });
};

/** `everleaf token withdraw ID` */
export const withdrawTokenCommand: Command<{ id: string }> = async (
  { config, clock, output, actor },
  { id },
) => {
  const isDone = await withRecord(config, clock, (stores) =>
    makeWithdrawToken({ ...stores, clock })({ id, actor }),
  );
  if (!isDone)
    throw new StartFault(
      `There is no unused token ${id}: everleaf token list shows them by their IDs.`,
    );
  output.show({ value: { id, state: 'withdrawn' }, text: `Token ${id} is withdrawn.` });
};
