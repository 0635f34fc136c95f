/**
 * Every way in which a request can be refused, by the stable machine word that the client sees as `reason`.
 * The words carry no HTTP numbers: each dialect has one exhaustive table from word to status.
 */
export const failureKinds = {
  // path and method
  'not-found': 'nothing is served under this path',
  'method-not-allowed': 'the path exists, the method does not',
  'path-malformed': 'the path or query is not correctly percent-encoded',
  'http-malformed': 'the request is not HTTP/1.1',
  'headers-too-large': 'the request headers are larger than 16 KiB',
  'request-timeout': 'the request did not arrive in time',
  // identity
  'certificate-required': 'the route needs a client certificate and none was presented',
  'proxy-header-malformed':
    'what the proxy says of the client certificate is malformed or ambiguous',
  'certificate-unknown': 'the certificate was not issued by an authority trusted here',
  'certificate-not-on-record': 'signed by the authority, but not on record here',
  'certificate-expired': 'the presented certificate has expired: a new token is the way back',
  'certificate-not-yet-valid': 'the presented certificate is not valid yet',
  'certificate-revoked': 'the presented certificate has been revoked: a new token is the way back',
  'certificate-wrong-kind': 'a certificate of this kind is not accepted on this route',
  'authority-retired': 'the authority that issued the presented certificate has been retired',
  // enrolment tokens
  'token-missing': 'no token in the query, or by EST in HTTP Basic',
  'token-unknown': 'this token was never issued here, or was withdrawn',
  'token-used': 'the token has been used: a new one is needed',
  'token-expired': 'the token has expired: a new one is needed',
  // operators
  'access-token-missing': 'the internal API needs `Authorization: Bearer TOKEN`',
  'access-token-invalid': 'the access token is unknown, expired or withdrawn',
  'role-missing': 'the access token has no role that allows this',
  'browser-request': 'this API does not serve browsers',
  'https-required': 'the admin listener is reached over HTTPS, through its proxies',
  'host-unknown': 'the Host header names a host that is not served here',
  // people and projects
  'user-token-missing':
    'the route needs `Authorization: Bearer TOKEN` or `aivenv1 TOKEN` of a user',
  'user-token-invalid': 'the token of a user is unknown, expired or withdrawn',
  'login-failed': 'nobody may sign in with what was presented',
  'sign-in-stale': 'the sign-in took too long, was used already, or began in another browser',
  'session-missing': 'the page needs somebody who has signed in',
  'provider-unavailable': 'the OpenID Connect provider does not answer as it should',
  'project-unknown': 'there is no such project, or the caller is no member of it',
  'right-missing': 'the role of the caller does not allow this',
  'resource-unknown': 'what the path names is not there',
  'exists-already': 'there is one of this name already',
  'state-conflict': 'the present state does not allow this',
  'handed-out-already':
    'it is handed out once, and was: somebody with the right downloads it again',
  // limits
  'rate-limited': 'too many requests: wait for the seconds in Retry-After',
  'body-too-large': 'the request body is larger than 64 KiB',
  'body-incomplete': 'the request body ended early',
  'encoding-unsupported': 'the request body is compressed',
  'media-type-unsupported': 'the Content-Type of the request is not the one that the route takes',
  // body
  'json-malformed': 'the body is not a JSON object',
  'json-cut-off': 'the body ends inside a string: line wrapping of base64 cut it',
  'field-duplicate': 'the body names a key twice',
  'field-invalid': 'a value of the body or query has the wrong type or form',
  'header-missing': 'a required request header is absent or empty',
  'name-invalid': 'the name breaks a naming rule',
  'base64-malformed': 'the value is not standard base64',
  'pem-malformed': 'there is no PEM block in the decoded value',
  'pem-label-unexpected': 'the PEM block is something other than a certification request',
  // certification request
  'request-too-large': 'the certification or OCSP request is larger than 16 KiB',
  'request-malformed': 'the certification request is not strict DER of RFC 2986',
  'key-unsupported': 'the key type, size or form is not accepted',
  'key-weak': 'the key has a known weakness',
  'signature-invalid': 'the certification request is not signed by its own key',
  'subject-mismatch': 'the subject differs from the expected one',
  'key-reused': 'the key has been used before and the gateway asks for a new one',
  'key-in-use': 'the key belongs to somebody else or was compromised',
  // issuing
  'authority-ending':
    'the authority expires within the hour, or has been retired or revoked meanwhile',
  'authority-step-refused': 'the authority cannot take this step of a roll-over now',
  unavailable: 'the database does not answer',
  internal: 'a fault of the gateway itself',
} as const;

export type FailureKind = keyof typeof failureKinds;

export interface FailureOptions {
  /** What lies beneath; goes to the log, never to the client. */
  readonly cause?: unknown;
  /** Expected values and the remedy, for the client's eyes. */
  readonly detail?: string;
  /** Seconds after which a new try makes sense. */
  readonly retryAfterSeconds?: number;
  /** Points at an attack rather than a mistake: audited as a warning. */
  readonly isSuspicious?: boolean;
}

/**
 * The one error for callers: a kind, and a sentence that says what to change and holds no secret.
 * Anything thrown that is not a Failure is a fault of the gateway.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly isSuspicious: boolean;

  constructor(kind: FailureKind, sentence: string, options: FailureOptions = {}) {
    // A refusal is no fault: its stack would tell nothing and cost more than the refusal.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Failure';
    this.kind = kind;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.isSuspicious = options.isSuspicious ?? false;
  }
}
