import type { Request } from 'express';
import { Failure } from '../failure.js';
import { hasProjectRight } from './project-access.js';

/** How a gateway treats secrets in answers: the setting EVERLEAF_SECRETS. */
export type SecretsMode = 'plain' | 'redacted';

/** Whether a caller sees secrets, sees that there are some, or neither. */
export type SecretsView = 'shown' | 'redacted' | 'withheld';

/**
 * What a reader sees. `include_secrets=true` asks for secrets, `false` does without; throws Failure `right-missing`
 * where it asks without the right.
 */
export function viewForReading(request: Request, mode: SecretsMode): SecretsView {
  const asked = includeSecrets(request);
  if (!hasProjectRight(request, 'service:secrets:read')) {
    if (asked !== true) return 'withheld';
    throw new Failure(
      'right-missing',
      'Your role in this project does not include service:secrets:read: leave include_secrets out.',
    );
  }
  return (asked ?? mode === 'plain') ? 'shown' : 'redacted';
}

/** What the answer to a change shows: where secrets are redacted, whoever made it reads them afterwards. */
export function viewAfterWriting(request: Request, mode: SecretsMode): SecretsView {
  if (!hasProjectRight(request, 'service:secrets:read')) return 'withheld';
  return mode === 'plain' ? 'shown' : 'redacted';
}

function includeSecrets({ query }: Request): boolean | undefined {
  const asked = query['include_secrets'];
  if (typeof asked !== 'string') return undefined;
  return asked.toLowerCase() === 'true';
}
