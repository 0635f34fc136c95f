import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { readConfig, unknownSettings } from '../src/config.js';
import { StartFault } from '../src/start-fault.js';

function faultOf(environment: Readonly<Record<string, string>>): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof StartFault) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('readConfig', () => {
  it('needs no setting', () => {
    expect(readConfig({})).toEqual({
      home: resolve('certs'),
      databaseUrl: `sqlite:${resolve('certs/everleaf.db')}`,
      gateway: { listen: { host: '127.0.0.1', port: 8443 }, url: undefined },
      admin: { listen: { host: '127.0.0.1', port: 9443 }, url: undefined, tls: true },
      pki: { listen: { host: '127.0.0.1', port: 8080 }, url: undefined },
      internal: { listen: undefined, url: undefined, auth: 'token' },
      proxies: { gateway: [], admin: [], hops: 1 },
      eventsBaseUrl: undefined,
      tls: { certFile: undefined, keyFile: undefined },
      adopts: false,
      authority: {
        certFile: undefined,
        keyFile: undefined,
        chainFile: undefined,
        keyType: 'ec-p256',
        validitySeconds: 3650 * 86_400,
      },
      clientValiditySeconds: 92 * 86_400,
      mode: 'standalone',
      openId: {
        issuer: undefined,
        clientId: undefined,
        clientSecretFile: undefined,
        signUpDomains: [],
      },
      tokenTtlSeconds: { application: 300, runtime: 600 },
      subject: { O: 'Organization', OU: 'OrgUnit', L: 'Waldorf', ST: 'Waldorf', C: 'DE' },
      adminEmail: 'admin@localhost',
      masterKeyFile: undefined,
      renewalsPerMinute: 60,
      projectAuthorityKeyType: 'rsa-3072',
      serviceUserKeyType: 'rsa-3072',
      renewalDefaults: { validitySeconds: 820 * 86_400, renewBeforeSeconds: 90 * 86_400 },
      reminders: [
        { everyDays: 30, fromDays: undefined },
        { everyDays: 7, fromDays: 30 },
        { everyDays: 1, fromDays: 7 },
      ],
      secrets: 'plain',
      keyReuse: 'allow',
      mail: { smtp: undefined, from: undefined },
      webhooks: { allowPrivate: false },
      sessions: { idleSeconds: 3600, longestSeconds: 43200 },
      rotations: { decideWithinSeconds: 1209600, revealWithinSeconds: 604800, graceSeconds: 86400 },
      client: { token: undefined, caFile: undefined },
      logLevel: 'info',
    });
  });

  it('takes an empty value for none', () => {
    expect(readConfig({ EVERLEAF_PKI_URL: '', EVERLEAF_TOKEN_TTL: '' })).toEqual(readConfig({}));
  });

  it('keeps the embedded database in home', () => {
    expect(readConfig({ EVERLEAF_HOME: '/srv/everleaf' }).databaseUrl).toBe(
      'sqlite:/srv/everleaf/everleaf.db',
    );
  });

  it.each([
    ['30s', 30],
    ['30m', 1800],
    ['12h', 43_200],
    ['92d', 7_948_800],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(readConfig({ EVERLEAF_CLIENT_VALIDITY: text }).clientValiditySeconds).toBe(seconds);
  });

  it.each(['0d', '-1d', '1.5h', '92', 'd', '1w', ' 1d', '1d ', '1D', '999999999d', '1e3d'])(
    'refuses the duration "%s"',
    (text) => {
      expect(faultOf({ EVERLEAF_CLIENT_VALIDITY: text })).toMatch(/^EVERLEAF_CLIENT_VALIDITY must/);
    },
  );

  it.each([
    ['0.0.0.0:443', { host: '0.0.0.0', port: 443 }],
    ['[::1]:8443', { host: '::1', port: 8443 }],
    ['gateway.internal:0', { host: 'gateway.internal', port: 0 }],
  ])('reads the address %s', (text, address) => {
    expect(readConfig({ EVERLEAF_GATEWAY_LISTEN: text }).gateway.listen).toEqual(address);
  });

  it.each(['8443', ':8443', 'host:', 'host:65536', '::1:8443', 'https://host:1', 'host:1x'])(
    'refuses the address "%s"',
    (text) => {
      expect(faultOf({ EVERLEAF_GATEWAY_LISTEN: text })).toMatch(/^EVERLEAF_GATEWAY_LISTEN must/);
    },
  );

  it('takes the address of the first user in lower case, and none that is no address', () => {
    expect(readConfig({ EVERLEAF_ADMIN_EMAIL: 'Ops@Example.com' }).adminEmail).toBe(
      'ops@example.com',
    );
    expect(faultOf({ EVERLEAF_ADMIN_EMAIL: 'ops' })).toBe(
      'EVERLEAF_ADMIN_EMAIL must be an e-mail address, such as jo@example.com.',
    );
  });

  it('refuses a certificate of a service user that would be due at once', () => {
    const settings = { EVERLEAF_SERVICE_USER_VALIDITY: '30d', EVERLEAF_RENEW_BEFORE: '29d' };
    expect(readConfig(settings).renewalDefaults.validitySeconds).toBe(30 * 86_400);
    for (const before of ['30d', '31d'])
      expect(faultOf({ ...settings, EVERLEAF_RENEW_BEFORE: before })).toMatch(
        /^EVERLEAF_RENEW_BEFORE must be shorter than EVERLEAF_SERVICE_USER_VALIDITY/,
      );
    for (const name of ['EVERLEAF_PROJECT_CA_KEY_TYPE', 'EVERLEAF_SERVICE_USER_KEY_TYPE'])
      expect(faultOf({ [name]: 'dsa' })).toContain(`${name} must be one of ec-p256`);
    expect(faultOf({ EVERLEAF_SECRETS: 'none' })).toContain('must be one of plain, redacted');
  });

  it('takes a URL without its trailing slashes', () => {
    expect(readConfig({ EVERLEAF_GATEWAY_URL: 'https://a.example/base//' }).gateway.url).toBe(
      'https://a.example/base',
    );
  });

  it.each([
    'http://a.example',
    'a.example',
    'https://',
    'https://a?b=1',
    'https://a#b',
    'https://u:p@a',
  ])('refuses the gateway URL "%s"', (text) => {
    const sentence = faultOf({ EVERLEAF_GATEWAY_URL: text });
    expect(sentence).toMatch(/^EVERLEAF_GATEWAY_URL must be a URL/);
    expect(sentence).not.toContain('u:p');
  });

  it.each([
    'a,b',
    'a=b',
    'a/b',
    'a"b',
    'a\\b',
    'a+b',
    'a<b',
    'a>b',
    'a;b',
    'a\nb',
    ' a',
    'a ',
    'x'.repeat(65),
  ])('refuses the subject part "%s"', (text) => {
    expect(faultOf({ EVERLEAF_SUBJECT_O: text })).toMatch(/^EVERLEAF_SUBJECT_O must/);
  });

  it('takes a subject part of 64 characters, counted as a reader counts them', () => {
    const name = '\u{1f332}'.repeat(64);
    expect(readConfig({ EVERLEAF_SUBJECT_O: name }).subject.O).toBe(name);
  });

  it('lets the admin listener do without TLS on a loopback address alone', () => {
    const off = { EVERLEAF_ADMIN_TLS: 'off' };
    expect(readConfig(off).admin.tls).toBe(false);
    expect(readConfig({ ...off, EVERLEAF_ADMIN_LISTEN: '[::1]:9443' }).admin.tls).toBe(false);
    for (const listen of ['0.0.0.0:9443', '10.0.0.1:9443', '[::]:9443', '127.example.com:9443']) {
      expect(faultOf({ ...off, EVERLEAF_ADMIN_LISTEN: listen })).toContain('EVERLEAF_ADMIN_TLS');
    }
  });

  it('lets it do without TLS behind its own proxies, and not behind those of the gateway', () => {
    const open = { EVERLEAF_ADMIN_TLS: 'off', EVERLEAF_ADMIN_LISTEN: '0.0.0.0:9443' };
    expect(readConfig({ ...open, EVERLEAF_ADMIN_PROXIES: '10.0.0.5' }).admin.tls).toBe(false);
    expect(faultOf({ ...open, EVERLEAF_GATEWAY_PROXIES: '10.0.0.5' })).toContain(
      'EVERLEAF_ADMIN_PROXIES',
    );
  });

  it('reads proxies with their bits and pins, as openssl prints them too', () => {
    const pin = 'ab'.repeat(32);
    const printed = Array.from({ length: 32 }, () => 'AB').join(':');
    const list = `10.0.0.5, 10.1.0.0/16=${pin},2001:db8::1=${printed} ,0.0.0.0/0=${pin}`;
    expect(readConfig({ EVERLEAF_GATEWAY_PROXIES: list }).proxies.gateway).toEqual([
      { address: '10.0.0.5', prefix: 32, sha256: undefined },
      { address: '10.1.0.0', prefix: 16, sha256: pin },
      { address: '2001:db8::1', prefix: 128, sha256: pin },
      { address: '0.0.0.0', prefix: 0, sha256: pin },
    ]);
    expect(readConfig({ EVERLEAF_ADMIN_PROXIES: '::1/64' }).proxies).toEqual({
      gateway: [],
      admin: [{ address: '::1', prefix: 64, sha256: undefined }],
      hops: 1,
    });
  });

  it.each([
    'proxy.example.com',
    '10.0.0',
    '10.0.0.5/33',
    '10.0.0.5/',
    '10.0.0.5/-1',
    '10.0.0.5/8/8',
    '10.0.0.5/0x8',
    '::1/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.5',
    '10.0.0.5,',
    ',',
    '10.0.0.5 10.0.0.6',
    '10.0.0.5:443',
    '0.0.0.0/0',
    '10.0.0.5,::/0',
  ])('refuses the proxies "%s", on either listener', (text) => {
    for (const name of ['EVERLEAF_GATEWAY_PROXIES', 'EVERLEAF_ADMIN_PROXIES'])
      expect(faultOf({ [name]: text })).toMatch(new RegExp(`^${name} must [^\n]+\\.$`));
  });

  it('refuses a pin that is no SHA-256, and every pin on the admin listener', () => {
    for (const pin of ['', 'ab', 'ab'.repeat(33), 'xy'.repeat(32), `${'ab'.repeat(32)}=`])
      expect(faultOf({ EVERLEAF_GATEWAY_PROXIES: `10.0.0.5=${pin}` })).toContain('=SHA256');
    const pinned = `10.0.0.5=${'ab'.repeat(32)}`;
    expect(faultOf({ EVERLEAF_ADMIN_PROXIES: pinned })).toMatch(/^EVERLEAF_ADMIN_PROXIES must/);
  });

  it.each(['0', '10', '1.5', '-1', 'one'])('refuses the number of hops "%s"', (text) => {
    expect(faultOf({ EVERLEAF_PROXY_HOPS: text })).toMatch(/^EVERLEAF_PROXY_HOPS must/);
  });

  it('asks for the internal listener and its rule together', () => {
    const listen = { EVERLEAF_INTERNAL_LISTEN: '127.0.0.1:0' };
    const network = { EVERLEAF_INTERNAL_AUTH: 'network' };
    expect(readConfig({ ...listen, ...network }).internal.auth).toBe('network');
    expect(faultOf(listen)).toContain('EVERLEAF_INTERNAL_AUTH=network');
    expect(faultOf(network)).toContain('EVERLEAF_INTERNAL_LISTEN');
  });

  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: undefined, hasTls: false }],
    ['smtps://mail.example.com:465/', { host: 'mail.example.com', port: 465, hasTls: true }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, hasTls: false }],
  ])('reads the mail server %s', (url, server) => {
    const config = readConfig({ EVERLEAF_SMTP_URL: url, EVERLEAF_MAIL_FROM: 'A@Example.com' });
    expect(config.mail).toEqual({
      smtp: { ...server, credentials: undefined },
      from: { name: '', address: 'a@example.com' },
    });
  });

  it('reads user and password of the mail server, percent-encoded, and the name of the sender', () => {
    const { mail } = readConfig({
      EVERLEAF_SMTP_URL: 'smtps://jo%40example.com:p%2F%40%3A@mail.example.com',
      EVERLEAF_MAIL_FROM: 'The Gateway <everleaf@example.com>',
    });
    expect(mail.smtp?.credentials).toEqual({ user: 'jo@example.com', pass: 'p/@:' });
    expect(mail.from).toEqual({ name: 'The Gateway', address: 'everleaf@example.com' });
  });

  it.each([
    'mail.example.com',
    'http://SECRET:SECRET@mail.example.com',
    'smtp://',
    'smtp://SECRET@mail.example.com',
    'smtp://:SECRET@mail.example.com',
    'smtp://u:SECRET%zz@mail.example.com',
    'smtp://u:SECRET@mail.example.com/path',
    'smtp://u:SECRET@mail.example.com?tls.rejectUnauthorized=false',
    'smtp://u:SECRET@mail.example.com#x',
    'smtp://u:SECRET@mail.example.com:99999',
  ])('refuses the mail server "%s" without a word of it', (url) => {
    const sentence = faultOf({ EVERLEAF_SMTP_URL: url, EVERLEAF_MAIL_FROM: 'a@example.com' });
    expect(sentence).toMatch(/^EVERLEAF_SMTP_URL must be smtp:[^\n]+\.$/);
    expect(sentence).not.toContain('SECRET');
  });

  it.each([
    'everleaf',
    'a@b@c',
    'X <everleaf>',
    'X <a@b.example',
    '"X" <a@b.example>',
    'a@b.example, c@d.example',
  ])('refuses the sender "%s"', (sender) => {
    expect(faultOf({ EVERLEAF_MAIL_FROM: sender })).toMatch(/^EVERLEAF_MAIL_FROM must be/);
  });

  it('asks, where there is a mail server, for the sender', () => {
    expect(faultOf({ EVERLEAF_SMTP_URL: 'smtp://mail.example.com' })).toContain(
      'EVERLEAF_MAIL_FROM',
    );
  });

  it.each([
    ['https://login.example.com', 'example.com'],
    ['https://login.example.com/realms/staff/', 'off'],
    ['http://127.0.0.1:8080', 'A.example, b.example'],
    ['http://[::1]:8080', 'off'],
  ])('takes the provider %s as it is, and %s may sign up', (issuer, signUp) => {
    const { openId } = readConfig({
      EVERLEAF_OPENID_ISSUER: issuer,
      EVERLEAF_OPENID_CLIENT_ID: 'everleaf',
      EVERLEAF_OPENID_SIGN_UP: signUp,
    });
    const signUpDomains = signUp === 'off' ? [] : signUp.toLowerCase().split(', ');
    expect(openId).toMatchObject({ issuer, signUpDomains });
  });

  it.each([
    ['ISSUER', 'http://login.example.com'],
    ['ISSUER', 'https://u:p@login.example.com'],
    ['ISSUER', 'https://login.example.com/?a=b'],
    ['ISSUER', 'login.example.com'],
    ['CLIENT_ID', 'ever leaf'],
    ['SIGN_UP', 'on,'],
    ['SIGN_UP', '@example.com'],
    ['SIGN_UP', '*.example.com'],
  ])('refuses EVERLEAF_OPENID_%s=%s', (name, value) => {
    expect(faultOf({ [`EVERLEAF_OPENID_${name}`]: value })).toMatch(
      new RegExp(`^EVERLEAF_OPENID_${name} must be `),
    );
  });

  it.each([
    [{ ISSUER: 'https://login.example.com' }, 'EVERLEAF_OPENID_CLIENT_ID'],
    [{ CLIENT_ID: 'everleaf' }, 'EVERLEAF_OPENID_ISSUER'],
    [{ CLIENT_SECRET_FILE: '/s' }, 'EVERLEAF_OPENID_ISSUER'],
    [{ SIGN_UP: 'example.com' }, 'EVERLEAF_OPENID_ISSUER'],
  ])('asks for the settings of the provider together: %j', (given, missing) => {
    const names = Object.entries(given).map(([name, value]) => [`EVERLEAF_OPENID_${name}`, value]);
    expect(faultOf(Object.fromEntries(names) as Record<string, string>)).toContain(missing);
  });

  it('asks for HTTPS where browsers sign in, but on this machine', () => {
    const openId = {
      EVERLEAF_OPENID_ISSUER: 'https://login.example.com',
      EVERLEAF_OPENID_CLIENT_ID: 'everleaf',
      EVERLEAF_ADMIN_URL: 'http://everleaf.example.com',
    };
    expect(faultOf(openId)).toContain('EVERLEAF_ADMIN_URL');
    expect(faultOf({ ...openId, EVERLEAF_ADMIN_TLS: 'off' })).toBe('no fault');
  });

  it('asks for a master key file with PostgreSQL', () => {
    const url = { EVERLEAF_DATABASE_URL: 'postgres://user:PASSWORD@db/everleaf' };
    expect(readConfig({ ...url, EVERLEAF_MASTER_KEY_FILE: '/k' }).masterKeyFile).toBe('/k');
    const sentence = faultOf(url);
    expect(sentence).toContain('EVERLEAF_MASTER_KEY_FILE');
    expect(sentence).not.toContain('PASSWORD');
  });

  it.each([
    ['EVERLEAF_CA_CERT_FILE', 'EVERLEAF_CA_KEY_FILE'],
    ['EVERLEAF_CA_KEY_FILE', 'EVERLEAF_CA_CERT_FILE'],
    ['EVERLEAF_CA_CHAIN_FILE', 'EVERLEAF_CA_CERT_FILE'],
    ['EVERLEAF_TLS_CERT_FILE', 'EVERLEAF_TLS_KEY_FILE'],
    ['EVERLEAF_TLS_KEY_FILE', 'EVERLEAF_TLS_CERT_FILE'],
  ])('asks, where %s is set, for %s', (set, missing) => {
    expect(faultOf({ [set]: '/file' })).toContain(missing);
  });

  it('says one sentence that names the variable and not its value', () => {
    for (const name of ['EVERLEAF_KEY_REUSE', 'EVERLEAF_DATABASE_URL', 'EVERLEAF_CA_KEY_TYPE']) {
      const sentence = faultOf({ [name]: 'SECRET' });
      expect(sentence).toMatch(new RegExp(`^${name} must be [^\n]+\\.$`));
      expect(sentence).not.toContain('SECRET');
    }
  });
});

describe('unknownSettings', () => {
  it('names what looks like a setting and is none', () => {
    const environment = { EVERLEAF_HOME: '/x', EVERLEAF_HOEM: '/y', PATH: '/bin' };
    expect(unknownSettings(environment)).toEqual(['EVERLEAF_HOEM']);
  });
});
