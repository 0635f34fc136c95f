import { toPem } from '../authority/chains.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { Failure } from '../failure.js';
import type { Credentials, KeylessCredentials } from './credential-files.js';
import { refuseWithheld } from './governed-user.js';
import type { Secrets } from './secrets.js';
import { certificatePem } from './service-user-answers.js';
import type { ServiceUser } from './service-user.js';

export type ReadCredentials = (user: ServiceUser) => Promise<Credentials>;

/**
 * The pair of a user as it was read, with the CA certificates of its project. Throws Failure `state-conflict` where
 * there is no pair, or no key of it, or it is withheld.
 */
export function makeReadCredentials(edges: {
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
  readonly secrets: Pick<Secrets, 'openKey'>;
}): ReadCredentials {
  return async (user) => {
    refuseWithheld(user);
    const { id, project, username, pair } = user;
    if (!pair) {
      throw new Failure(
        'state-conflict',
        `${username} has no certificate: let the service have certificates, then reset the credentials.`,
      );
    }
    if (pair.sealedKey === null) {
      throw new Failure(
        'state-conflict',
        `The key of ${username} was made by its holder and is not kept here: take certificate and CA as PEM, and the key from there.`,
      );
    }
    return {
      username,
      certificatePem: certificatePem(pair.certificate),
      keyPem: edges.secrets.openKey(pair.sealedKey, id),
      caPem: toPem(await edges.authorities.certificates(project)),
    };
  };
}

/** Undefined where there is no certificate, or its key is kept here. Throws as ReadCredentials where it is withheld. */
export type ReadKeyless = (user: ServiceUser) => Promise<KeylessCredentials | undefined>;

/** The certificate of a user whose holder made the key, with the CA certificates of its project. */
export function makeReadKeyless(edges: {
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
}): ReadKeyless {
  return async (user) => {
    refuseWithheld(user);
    const { project, username, pair } = user;
    if (pair?.sealedKey !== null) return undefined;
    const caPem = toPem(await edges.authorities.certificates(project));
    return { username, certificatePem: certificatePem(pair.certificate), caPem };
  };
}
