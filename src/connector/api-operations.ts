import type { FailureKind } from '../failure.js';
import { refusalsOf } from './api-reasons.js';
import { clientHeadersOf } from './client-headers.js';
import type { Mode } from './client.js';
import { clientKindsOf, pathsOf } from './paths.js';
import type { ClientPaths } from './paths.js';

/** One operation as the API document tells of it. */
export interface ApiOperation {
  /** The internal API is served by another listener, to operators. */
  readonly api: 'external' | 'internal';
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly access: 'open' | 'token' | 'certificate' | 'operator';
  /** Headers that the request must have. */
  readonly headers?: readonly string[];
  /** The schema of the request's body. */
  readonly body?: { readonly schema: string; readonly required: boolean };
  readonly status: 200 | 201 | 301;
  /** The schema of the answer, where it is JSON and not empty. */
  readonly answer?: string;
  readonly refusals: readonly FailureKind[];
}

const documents: readonly ApiOperation[] = [
  {
    api: 'external',
    method: 'get',
    path: '/v1',
    id: 'getDocumentLocation',
    summary: 'Leads to this document.',
    access: 'open',
    status: 301,
    refusals: refusalsOf.document,
  },
  {
    api: 'external',
    method: 'get',
    path: '/v1/api.yaml',
    id: 'getDocument',
    summary: 'This document.',
    access: 'open',
    status: 200,
    refusals: refusalsOf.document,
  },
];

/** What each kind of client is offered, by the names of its paths. */
const clientOperations: readonly (ApiOperation & { readonly path: keyof ClientPaths })[] = [
  {
    api: 'external',
    method: 'get',
    path: 'signingInfo',
    id: 'getSigningInfo',
    summary: 'Subject and URLs for the first certificate. Uses the token up and gives the next.',
    access: 'token',
    status: 200,
    answer: 'SigningInfo',
    refusals: refusalsOf.signingInfo,
  },
  {
    api: 'external',
    method: 'post',
    path: 'certificates',
    id: 'enrol',
    summary: 'The first certificate. Uses the token up; a refusal leaves it good.',
    access: 'token',
    body: { schema: 'CertificationRequest', required: true },
    status: 201,
    answer: 'Certificate',
    refusals: refusalsOf.enrol,
  },
  {
    api: 'external',
    method: 'get',
    path: 'managementInfo',
    id: 'getManagementInfo',
    summary: 'Subject, end and URLs of the presented certificate, and when to renew it.',
    access: 'certificate',
    status: 200,
    answer: 'ManagementInfo',
    refusals: refusalsOf.managementInfo,
  },
  {
    api: 'external',
    method: 'post',
    path: 'renewals',
    id: 'renew',
    summary: 'The next certificate. The same request again gets the same answer for a day.',
    access: 'certificate',
    body: { schema: 'CertificationRequest', required: true },
    status: 201,
    answer: 'Certificate',
    refusals: refusalsOf.renew,
  },
  {
    api: 'external',
    method: 'post',
    path: 'revocations',
    id: 'revoke',
    summary: 'Revokes the presented certificate. Doing it again is no error.',
    access: 'certificate',
    body: { schema: 'Revocation', required: false },
    status: 201,
    refusals: refusalsOf.revoke,
  },
  {
    api: 'internal',
    method: 'post',
    path: 'tokens',
    id: 'createToken',
    summary: 'A token for the client that the headers name.',
    access: 'operator',
    status: 201,
    answer: 'Token',
    refusals: refusalsOf.createToken,
  },
  {
    api: 'internal',
    method: 'post',
    path: 'revocations',
    id: 'revokeByHash',
    summary: 'Revokes any certificate, on record or not. Doing it again is no error.',
    access: 'operator',
    body: { schema: 'RevocationByHash', required: true },
    status: 201,
    refusals: refusalsOf.revokeByHash,
  },
];

/** Every operation of the Connector Service API in a mode. */
export function apiOperations(mode: Mode): readonly ApiOperation[] {
  const ofClients = clientKindsOf(mode).flatMap((kind) =>
    clientOperations.map((operation) => ({
      ...operation,
      path: pathsOf(kind)[operation.path],
      ...(operation.path === 'tokens' ? { headers: clientHeadersOf(kind, mode) } : {}),
      ...(kind === 'runtime' ? namesForRuntimes(operation) : {}),
    })),
  );
  return [...documents, ...ofClients];
}

/** Operations and info documents of runtimes need names of their own. */
function namesForRuntimes({ id, answer }: ApiOperation): Partial<ApiOperation> {
  return {
    id: `${id}ForRuntime`,
    ...(answer?.endsWith('Info') === true ? { answer: `Runtime${answer}` } : {}),
  };
}
