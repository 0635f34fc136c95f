import type { ClientKind } from '../authority/certificate-kinds.js';
import type { Mode } from './client.js';

/** The paths of the API for one kind of client. */
export interface ClientPaths {
  readonly signingInfo: string;
  readonly certificates: string;
  readonly managementInfo: string;
  readonly renewals: string;
  /** On the gateway listener for the holder, in the internal API for the operator. */
  readonly revocations: string;
  /** In the internal API. */
  readonly tokens: string;
}

/** `/v1/applications/...` or `/v1/runtimes/...`. */
export function pathsOf(kind: ClientKind): ClientPaths {
  const prefix = `/v1/${kind}s`;
  return {
    signingInfo: `${prefix}/signingRequests/info`,
    certificates: `${prefix}/certificates`,
    managementInfo: `${prefix}/management/info`,
    renewals: `${prefix}/certificates/renewals`,
    revocations: `${prefix}/certificates/revocations`,
    tokens: `${prefix}/tokens`,
  };
}

/** Whom a gateway serves: runtimes in central mode alone. */
export function clientKindsOf(mode: Mode): readonly ClientKind[] {
  return mode === 'central' ? ['application', 'runtime'] : ['application'];
}
