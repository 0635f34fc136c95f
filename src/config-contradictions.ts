import { isLoopback } from './config-values.js';
import { StartFault } from './start-fault.js';

/** The settings that can contradict each other. */
interface JudgedTogether {
  readonly authority: Files & { readonly chainFile: string | undefined };
  readonly tls: Files;
  readonly admin: {
    readonly tls: boolean;
    readonly url: string | undefined;
    readonly listen: { readonly host: string };
  };
  readonly internal: { readonly auth: 'token' | 'network'; readonly listen: object | undefined };
  readonly proxies: { readonly admin: readonly object[] };
  readonly mail: { readonly smtp: object | undefined; readonly from: object | undefined };
  readonly renewalDefaults: {
    readonly validitySeconds: number;
    readonly renewBeforeSeconds: number;
  };
  readonly openId: {
    readonly issuer: string | undefined;
    readonly clientId: string | undefined;
    readonly clientSecretFile: string | undefined;
    readonly signUpDomains: readonly string[];
  };
  readonly databaseUrl: string;
  readonly masterKeyFile: string | undefined;
}

interface Files {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** Refuses settings that are good one by one and not together. Throws a StartFault that names them. */
export function refuseContradictions(config: JudgedTogether): void {
  const { authority, tls, admin, internal, proxies, renewalDefaults } = config;
  if ((authority.certFile === undefined) !== (authority.keyFile === undefined)) {
    throw new StartFault('EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE must be set together.');
  }
  if (authority.chainFile !== undefined && authority.certFile === undefined) {
    throw new StartFault(
      'EVERLEAF_CA_CHAIN_FILE needs EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE.',
    );
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new StartFault('EVERLEAF_TLS_CERT_FILE and EVERLEAF_TLS_KEY_FILE must be set together.');
  }
  if (!admin.tls && !isLoopback(admin.listen.host) && proxies.admin.length === 0) {
    throw new StartFault(
      'EVERLEAF_ADMIN_TLS=off needs a loopback address in EVERLEAF_ADMIN_LISTEN, or EVERLEAF_ADMIN_PROXIES.',
    );
  }
  if (internal.auth === 'network' && internal.listen === undefined) {
    throw new StartFault('EVERLEAF_INTERNAL_AUTH=network needs EVERLEAF_INTERNAL_LISTEN.');
  }
  if (internal.auth === 'token' && internal.listen !== undefined) {
    throw new StartFault('EVERLEAF_INTERNAL_LISTEN needs EVERLEAF_INTERNAL_AUTH=network.');
  }
  if (config.mail.smtp !== undefined && config.mail.from === undefined) {
    throw new StartFault('EVERLEAF_SMTP_URL needs EVERLEAF_MAIL_FROM, the address of the sender.');
  }
  if (renewalDefaults.renewBeforeSeconds >= renewalDefaults.validitySeconds) {
    throw new StartFault(
      'EVERLEAF_RENEW_BEFORE must be shorter than EVERLEAF_SERVICE_USER_VALIDITY: a new certificate would be due for renewal at once.',
    );
  }
  if (config.databaseUrl.startsWith('postgres') && config.masterKeyFile === undefined) {
    throw new StartFault(
      'EVERLEAF_MASTER_KEY_FILE must be set with a postgres:// database: replicas share the key.',
    );
  }
  refuseHalfOpenId(config);
}

function refuseHalfOpenId({ openId, admin, proxies }: JudgedTogether): void {
  const { issuer, clientId, clientSecretFile, signUpDomains } = openId;
  if ((issuer === undefined) !== (clientId === undefined)) {
    throw new StartFault(
      'EVERLEAF_OPENID_ISSUER and EVERLEAF_OPENID_CLIENT_ID must be set together.',
    );
  }
  if (issuer === undefined && clientSecretFile !== undefined) {
    throw new StartFault('EVERLEAF_OPENID_CLIENT_SECRET_FILE needs EVERLEAF_OPENID_ISSUER.');
  }
  if (issuer === undefined && signUpDomains.length > 0) {
    throw new StartFault('EVERLEAF_OPENID_SIGN_UP needs EVERLEAF_OPENID_ISSUER.');
  }
  const isHttps = admin.tls || proxies.admin.length > 0;
  if (issuer !== undefined && isHttps && admin.url?.startsWith('http:') === true) {
    throw new StartFault(
      'EVERLEAF_OPENID_ISSUER needs an https URL in EVERLEAF_ADMIN_URL: browsers keep the cookie of a sign-in for HTTPS alone.',
    );
  }
}
