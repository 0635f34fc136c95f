import type { SubjectFields } from '../pki/names.js';
import { clientOfSubject, holderName } from './client.js';
import type { Holder, Mode } from './client.js';
import { judgeClient } from './judge-client.js';

/**
 * Whom the subject of a certificate from elsewhere names, as the record would have it: O, OU and CN are tenant, group
 * and application in central mode. Throws the Failure `name-invalid` where no token could be made for that name.
 */
export function makeHolderOfSubject(
  mode: Mode,
): (subject: Pick<SubjectFields, 'CN' | 'O' | 'OU'>) => Holder {
  return (subject) => {
    const client = clientOfSubject(subject, mode);
    judgeClient(client);
    return { kind: client.kind, holder: holderName(client) };
  };
}
