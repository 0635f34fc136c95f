import { temporaryHome } from '../support/gateway.js';
import type { Governed } from '../support/governance.js';
import type { TestUser } from '../support/people.js';
import type { Ended } from '../support/run.js';
import { everleaf, everleafWith } from './everleaf.js';

/** Commands as a person runs them on another machine: without the gateway's home. */
export function commandsOf({ gateway }: Governed): {
  readonly settings: Readonly<Record<string, string>>;
  readonly as: (user: TestUser, ...words: readonly string[]) => Promise<Ended>;
  /** With a line on standard input. */
  readonly answering: (user: TestUser, line: string, ...words: readonly string[]) => Promise<Ended>;
} {
  const settings = {
    EVERLEAF_HOME: temporaryHome(),
    EVERLEAF_ADMIN_URL: gateway.urls.admin,
    EVERLEAF_CACERT: gateway.caFile,
  };
  return {
    settings,
    as: (user: TestUser, ...words: readonly string[]) =>
      everleaf({ ...settings, EVERLEAF_TOKEN: user.token }, ...words),
    answering: (user: TestUser, line: string, ...words: readonly string[]) =>
      everleafWith(line, { ...settings, EVERLEAF_TOKEN: user.token }, ...words),
  };
}
