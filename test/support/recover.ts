import { randomBytes } from 'node:crypto';
import type { Command, CommandContext } from '../../src/cli/context.js';
import { makeOutput } from '../../src/cli/output.js';
import { createRecoverTokenCommand } from '../../src/cli/recover-token.js';
import { readConfig } from '../../src/config.js';
import { call, callAdmin, csrBody, subjectOf } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { makeKey } from './requests.js';
import type { RequestInput } from './requests.js';
import type { Test } from 'supertest';

type Settings = Readonly<Record<string, string>>;

/** A command in this process, by the gateway's clock: what it answered with `--json`. Throws what it throws. */
export async function commandAnswer(
  gateway: TestGateway,
  run: (context: CommandContext) => Promise<void>,
  settings: Settings = {},
): Promise<unknown> {
  const written: string[] = [];
  await run({
    config: readConfig({ EVERLEAF_HOME: gateway.home, ...settings }),
    clock: gateway.clock.now,
    random: (length) => randomBytes(length),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    output: makeOutput({ isJson: true, write: (text) => written.push(text) }),
    actor: 'cli:test',
  });
  return JSON.parse(written.join('')) as unknown;
}

/** `everleaf token create --recover NAME`: the token. */
export async function recoverToken(
  gateway: TestGateway,
  name: string,
  settings: Settings = {},
): Promise<string> {
  const command: Command<{ name: string; ttlSeconds: undefined }> = createRecoverTokenCommand;
  const answer = await commandAnswer(
    gateway,
    (context) => command(context, { name, ttlSeconds: undefined }),
    settings,
  );
  return (answer as { token: string }).token;
}

/** Lets every certificate that was issued until now for `EVERLEAF_CLIENT_VALIDITY=1h` expire. */
export function lapse({ clock }: TestGateway): void {
  clock.advance(3601);
}

/** A certificate for a token; with a new key and the lapsed one's subject unless it is said otherwise. */
export function recover(
  gateway: TestGateway,
  lapsed: Pick<Holder, 'application'>,
  token: string,
  input: Partial<RequestInput> = {},
): Test {
  const path = `/v1/applications/certificates?token=${token}`;
  const request = { key: makeKey('prime256v1'), subject: subjectOf(lapsed.application), ...input };
  return call(gateway, 'post', path).send(csrBody(request));
}

/** The operator revokes a certificate by its SHA-256. */
export function revokeByHash(gateway: TestGateway, sha256: string, reason = 'unspecified'): Test {
  return callAdmin(gateway, 'post', '/v1/applications/certificates/revocations').send(
    JSON.stringify({ hash: sha256, reason }),
  );
}

function ignore(): void {
  // a command's log is not what is asked for
}
