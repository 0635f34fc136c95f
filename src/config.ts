import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  countryValue,
  durationValue,
  emailValue,
  listenValue,
  subjectValue,
  switchValue,
  urlValue,
  wordValue,
} from './config-values.js';
import { senderValue, smtpUrlValue } from './config-mail.js';
import { clientIdValue, issuerValue, signUpValue } from './config-openid.js';
import { remindersValue } from './config-reminders.js';
import { hopsValue, pinnedProxiesValue, plainProxiesValue } from './config-proxies.js';
import { refuseContradictions } from './config-contradictions.js';
import { StartFault } from './start-fault.js';

const fileValue = z.string().transform((path) => resolve(path));
const webUrl = urlValue(['https:', 'http:']);
const keyTypeValue = wordValue(['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096']);

const settings = z.object({
  EVERLEAF_HOME: fileValue.prefault('./certs'),
  EVERLEAF_DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:FILE or postgres://...')
    .optional(),
  EVERLEAF_GATEWAY_LISTEN: listenValue.prefault('127.0.0.1:8443'),
  EVERLEAF_ADMIN_LISTEN: listenValue.prefault('127.0.0.1:9443'),
  EVERLEAF_PKI_LISTEN: listenValue.prefault('127.0.0.1:8080'),
  EVERLEAF_INTERNAL_LISTEN: listenValue.optional(),
  EVERLEAF_GATEWAY_URL: urlValue(['https:']).optional(),
  EVERLEAF_ADMIN_URL: webUrl.optional(),
  EVERLEAF_PKI_URL: urlValue(['http:', 'https:']).optional(),
  EVERLEAF_INTERNAL_URL: webUrl.optional(),
  EVERLEAF_EVENTS_BASE_URL: webUrl.optional(),
  EVERLEAF_ADMIN_TLS: switchValue.prefault('on'),
  EVERLEAF_TLS_CERT_FILE: fileValue.optional(),
  EVERLEAF_TLS_KEY_FILE: fileValue.optional(),
  EVERLEAF_CA_CERT_FILE: fileValue.optional(),
  EVERLEAF_CA_KEY_FILE: fileValue.optional(),
  EVERLEAF_CA_CHAIN_FILE: fileValue.optional(),
  EVERLEAF_CA_KEY_TYPE: keyTypeValue.prefault('ec-p256'),
  EVERLEAF_CA_VALIDITY: durationValue.prefault('3650d'),
  EVERLEAF_CLIENT_VALIDITY: durationValue.prefault('92d'),
  EVERLEAF_TOKEN_TTL: durationValue.prefault('5m'),
  EVERLEAF_SUBJECT_O: subjectValue.prefault('Organization'),
  EVERLEAF_SUBJECT_OU: subjectValue.prefault('OrgUnit'),
  EVERLEAF_SUBJECT_L: subjectValue.prefault('Waldorf'),
  EVERLEAF_SUBJECT_ST: subjectValue.prefault('Waldorf'),
  EVERLEAF_SUBJECT_C: countryValue.prefault('DE'),
  EVERLEAF_RUNTIME_TOKEN_TTL: durationValue.prefault('10m'),
  EVERLEAF_MODE: wordValue(['standalone', 'central']).prefault('standalone'),
  EVERLEAF_ADMIN_EMAIL: emailValue.prefault('admin@localhost'),
  EVERLEAF_INTERNAL_AUTH: wordValue(['token', 'network']).prefault('token'),
  EVERLEAF_GATEWAY_PROXIES: pinnedProxiesValue.optional(),
  EVERLEAF_ADMIN_PROXIES: plainProxiesValue.optional(),
  EVERLEAF_PROXY_HOPS: hopsValue.prefault('1'),
  EVERLEAF_MASTER_KEY_FILE: fileValue.optional(),
  EVERLEAF_RENEWAL_RATE: z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/, 'must be a whole number of renewals a minute, 1 or more')
    .transform(Number)
    .prefault('60'),
  EVERLEAF_ADOPT: switchValue.prefault('off'),
  EVERLEAF_KEY_REUSE: wordValue(['allow', 'refuse']).prefault('allow'),
  EVERLEAF_SMTP_URL: smtpUrlValue.optional(),
  EVERLEAF_MAIL_FROM: senderValue.optional(),
  EVERLEAF_WEBHOOK_PRIVATE: switchValue.prefault('off'),
  EVERLEAF_PROJECT_CA_KEY_TYPE: keyTypeValue.prefault('rsa-3072'),
  EVERLEAF_SERVICE_USER_KEY_TYPE: keyTypeValue.prefault('rsa-3072'),
  EVERLEAF_SERVICE_USER_VALIDITY: durationValue.prefault('820d'),
  EVERLEAF_RENEW_BEFORE: durationValue.prefault('90d'),
  EVERLEAF_OPENID_ISSUER: issuerValue.optional(),
  EVERLEAF_OPENID_CLIENT_ID: clientIdValue.optional(),
  EVERLEAF_OPENID_CLIENT_SECRET_FILE: fileValue.optional(),
  EVERLEAF_OPENID_SIGN_UP: signUpValue.prefault('off'),
  EVERLEAF_REMINDERS: remindersValue.prefault('30d, 7d from 30d, 1d from 7d'),
  EVERLEAF_ROTATION_DECIDE_WITHIN: durationValue.prefault('14d'),
  EVERLEAF_ROTATION_REVEAL_WITHIN: durationValue.prefault('7d'),
  EVERLEAF_ROTATION_GRACE: durationValue.prefault('24h'),
  EVERLEAF_SESSION_IDLE: durationValue.prefault('1h'),
  EVERLEAF_SESSION_LONGEST: durationValue.prefault('12h'),
  EVERLEAF_SECRETS: wordValue(['plain', 'redacted']).prefault('plain'),
  EVERLEAF_TOKEN: z.string().optional(),
  EVERLEAF_CACERT: fileValue.optional(),
  EVERLEAF_LOG_LEVEL: wordValue(['debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
});

/** All settings, judged and complete; the defaults and meanings stand in the README's table. */
export type Config = ReturnType<typeof shape>;

/**
 * Environment -> Config. The only reader of process.env.
 * Throws StartFault: one sentence that names the variable.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const set = Object.entries(environment).filter(
    ([name, value]) => name.startsWith('EVERLEAF_') && value !== undefined && value !== '',
  );
  const parsed = settings.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StartFault(`${String(issue?.path[0])} ${issue?.message ?? 'is wrong'}.`);
  }
  const config = shape(parsed.data);
  refuseContradictions(config);
  return config;
}

/**
 * Names that look like settings and are none of this release: worth a warning, not a refusal, since orchestrators
 * put variables such as EVERLEAF_SERVICE_HOST there themselves.
 */
export function unknownSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  return Object.keys(environment).filter(
    (name) => name.startsWith('EVERLEAF_') && !(name in settings.shape),
  );
}

/** Who runs this process, for audit events of the command line. */
export function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number and no name.
    return `uid-${String(process.getuid?.())}`;
  }
}

function shape(values: z.output<typeof settings>) {
  const home = values.EVERLEAF_HOME;
  return {
    home,
    databaseUrl: values.EVERLEAF_DATABASE_URL ?? `sqlite:${join(home, 'everleaf.db')}`,
    gateway: { listen: values.EVERLEAF_GATEWAY_LISTEN, url: values.EVERLEAF_GATEWAY_URL },
    admin: {
      listen: values.EVERLEAF_ADMIN_LISTEN,
      url: values.EVERLEAF_ADMIN_URL,
      tls: values.EVERLEAF_ADMIN_TLS,
    },
    pki: { listen: values.EVERLEAF_PKI_LISTEN, url: values.EVERLEAF_PKI_URL },
    internal: {
      listen: values.EVERLEAF_INTERNAL_LISTEN,
      url: values.EVERLEAF_INTERNAL_URL,
      auth: values.EVERLEAF_INTERNAL_AUTH,
    },
    proxies: {
      gateway: values.EVERLEAF_GATEWAY_PROXIES ?? [],
      admin: values.EVERLEAF_ADMIN_PROXIES ?? [],
      hops: values.EVERLEAF_PROXY_HOPS,
    },
    eventsBaseUrl: values.EVERLEAF_EVENTS_BASE_URL,
    tls: { certFile: values.EVERLEAF_TLS_CERT_FILE, keyFile: values.EVERLEAF_TLS_KEY_FILE },
    authority: {
      certFile: values.EVERLEAF_CA_CERT_FILE,
      keyFile: values.EVERLEAF_CA_KEY_FILE,
      chainFile: values.EVERLEAF_CA_CHAIN_FILE,
      keyType: values.EVERLEAF_CA_KEY_TYPE,
      validitySeconds: values.EVERLEAF_CA_VALIDITY,
    },
    clientValiditySeconds: values.EVERLEAF_CLIENT_VALIDITY,
    mode: values.EVERLEAF_MODE,
    tokenTtlSeconds: {
      application: values.EVERLEAF_TOKEN_TTL,
      runtime: values.EVERLEAF_RUNTIME_TOKEN_TTL,
    },
    subject: {
      O: values.EVERLEAF_SUBJECT_O,
      OU: values.EVERLEAF_SUBJECT_OU,
      L: values.EVERLEAF_SUBJECT_L,
      ST: values.EVERLEAF_SUBJECT_ST,
      C: values.EVERLEAF_SUBJECT_C,
    },
    adminEmail: values.EVERLEAF_ADMIN_EMAIL,
    masterKeyFile: values.EVERLEAF_MASTER_KEY_FILE,
    renewalsPerMinute: values.EVERLEAF_RENEWAL_RATE,
    adopts: values.EVERLEAF_ADOPT,
    keyReuse: values.EVERLEAF_KEY_REUSE,
    openId: {
      issuer: values.EVERLEAF_OPENID_ISSUER,
      clientId: values.EVERLEAF_OPENID_CLIENT_ID,
      clientSecretFile: values.EVERLEAF_OPENID_CLIENT_SECRET_FILE,
      signUpDomains: values.EVERLEAF_OPENID_SIGN_UP,
    },
    ...shapeServiceUsers(values),
    logLevel: values.EVERLEAF_LOG_LEVEL,
  } as const;
}

function shapeServiceUsers(values: z.output<typeof settings>) {
  return {
    mail: { smtp: values.EVERLEAF_SMTP_URL, from: values.EVERLEAF_MAIL_FROM },
    webhooks: { allowPrivate: values.EVERLEAF_WEBHOOK_PRIVATE },
    projectAuthorityKeyType: values.EVERLEAF_PROJECT_CA_KEY_TYPE,
    serviceUserKeyType: values.EVERLEAF_SERVICE_USER_KEY_TYPE,
    renewalDefaults: {
      validitySeconds: values.EVERLEAF_SERVICE_USER_VALIDITY,
      renewBeforeSeconds: values.EVERLEAF_RENEW_BEFORE,
    },
    reminders: values.EVERLEAF_REMINDERS,
    sessions: {
      idleSeconds: values.EVERLEAF_SESSION_IDLE,
      longestSeconds: values.EVERLEAF_SESSION_LONGEST,
    },
    rotations: {
      decideWithinSeconds: values.EVERLEAF_ROTATION_DECIDE_WITHIN,
      revealWithinSeconds: values.EVERLEAF_ROTATION_REVEAL_WITHIN,
      graceSeconds: values.EVERLEAF_ROTATION_GRACE,
    },
    secrets: values.EVERLEAF_SECRETS,
    client: { token: values.EVERLEAF_TOKEN, caFile: values.EVERLEAF_CACERT },
  } as const;
}
