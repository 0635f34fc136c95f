import { holderName } from './client.js';
import type { Client, Holder } from './client.js';
import type { CreatedToken, IssueToken, TokenOrder } from './issue-token.js';
import { judgeClient } from './judge-client.js';

export type CreateToken = (
  order: TokenOrder & { readonly client: Client },
) => Promise<CreatedToken & { readonly notice?: string }>;

/** Makes the token with which a client pairs. Throws a Failure when a name breaks a rule. */
export function makeCreateToken(edges: {
  readonly issueToken: IssueToken;
  /** Whether the client holds a certificate that is valid now. */
  readonly isPaired: (client: Holder) => Promise<boolean>;
}): CreateToken {
  return async (order) => {
    judgeClient(order.client);
    const created = await edges.issueToken(order);
    const { kind } = order.client;
    const holder = holderName(order.client);
    return (await edges.isPaired({ kind, holder }))
      ? { ...created, notice: pairedNotice(holder) }
      : created;
  };
}

function pairedNotice(holder: string): string {
  return `${holder} already holds a valid certificate: this token starts a second line beside it.`;
}
