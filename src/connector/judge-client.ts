import { Failure } from '../failure.js';
import { judgeApplicationName, judgeName } from './application-name.js';
import { runtimeName } from './client.js';
import type { Client } from './client.js';

/** Judges every name of a client when a token is made. Throws the Failure `name-invalid`, which names the rule. */
export function judgeClient({ kind, application, tenant, group }: Client): void {
  if (tenant !== null) judgeName({ what: 'tenant', name: tenant });
  if (group !== null) judgeName({ what: 'group', name: group });
  if (kind === 'runtime') return;
  judgeApplicationName(application);
  if (tenant !== null && application === runtimeName) {
    throw new Failure('name-invalid', `The application name must not be ${runtimeName}.`, {
      detail: 'In central mode it is the common name of every runtime.',
    });
  }
}
