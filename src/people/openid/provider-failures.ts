import { Failure } from '../../failure.js';
import { StartFault } from '../../start-fault.js';

/** Codes of openid-client for answers that came and do not hold. */
const untrustedCodes = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]);

/** Errors by which a provider ends one sign-in (RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6). */
const endings = new Set([
  'access_denied',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
]);

const notAccepted =
  'The provider does not accept this gateway: tell an administrator, whose log says why.';

/** Those that pass by themselves (RFC 6749 4.1.2.1). */
const passing = new Set(['server_error', 'temporarily_unavailable']);

/**
 * What openid-client threw, as a Failure. Its own errors hold the provider's answers, with tokens in them: none goes
 * further than their codes.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const said = wordOf(error, 'error');
  if (said === 'invalid_grant') {
    return new Failure(
      'sign-in-stale',
      'The provider does not know this sign-in any more: begin again.',
    );
  }
  if (said !== undefined && endings.has(said)) {
    return new Failure('login-failed', `The provider ended the sign-in: ${said}.`);
  }
  const codes = codesOf(error);
  if (said === undefined && codes.some((code) => untrustedCodes.has(code))) return untrusted();
  const cause = new Error(['the OpenID Connect provider', said, ...codes].join(' '));
  const isRefused =
    codes.includes('OAUTH_WWW_AUTHENTICATE_CHALLENGE') ||
    (said !== undefined && !passing.has(said));
  return new Failure(
    'provider-unavailable',
    isRefused
      ? notAccepted
      : 'The provider of sign-ins does not answer: try again later, or sign in with a password.',
    { cause },
  );
}

/**
 * Why no sign-in can begin, whoever asks: the provider does not answer, or what it publishes or the secret's file does
 * not fit the settings.
 */
export function outageOf(error: unknown): Failure {
  const codes = codesOf(error);
  const isOurs = error instanceof StartFault;
  if (!isOurs && !codes.some((code) => untrustedCodes.has(code))) return toFailure(error);
  const cause = isOurs
    ? error
    : new Error(
        `what the OpenID Connect provider publishes does not fit EVERLEAF_OPENID_ISSUER, which has to be spelled as its issuer is (${codes.join(' ')})`,
      );
  return new Failure('provider-unavailable', notAccepted, { cause });
}

/** The refusal of an answer that was not made for this sign-in. */
export function untrusted(): Failure {
  return new Failure(
    'login-failed',
    'The answer of the provider does not belong to this sign-in: begin again.',
    { isSuspicious: true },
  );
}

/** The codes of an error and of what lies beneath. */
function codesOf(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const code = wordOf(error, 'code') ?? wordOf(error, 'name');
  const beneath = 'cause' in error ? codesOf(error.cause) : [];
  return code === undefined ? beneath : [code, ...beneath];
}

/** A word of a fixed vocabulary; nothing longer, which could hold anything. */
function wordOf(error: unknown, field: 'error' | 'code' | 'name'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const word: unknown = Reflect.get(error, field);
  return typeof word === 'string' && /^\w{1,64}$/.test(word) ? word : undefined;
}
