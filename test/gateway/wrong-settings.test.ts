import { describe, expect, it } from '@jest/globals';
import { contentsOf } from '../support/serve.js';
import { expectStartFault, usedHomes } from '../support/used-home.js';

const placeOfItsOwn = usedHomes();

const wrongValues: readonly (readonly [string, string, string])[] = [
  ['EVERLEAF_DATABASE_URL', 'mysql://localhost/x', 'sqlite:FILE or postgres://'],
  ['EVERLEAF_GATEWAY_LISTEN', '8443', 'host:port'],
  ['EVERLEAF_ADMIN_LISTEN', '127.0.0.1:70000', 'at most 65535'],
  ['EVERLEAF_PKI_LISTEN', 'http://127.0.0.1:8080', 'host:port'],
  ['EVERLEAF_INTERNAL_LISTEN', 'nowhere', 'host:port'],
  ['EVERLEAF_GATEWAY_URL', 'http://gateway.example.com', 'URL such as https://'],
  ['EVERLEAF_ADMIN_URL', 'ftp://gateway.example.com', 'URL'],
  ['EVERLEAF_PKI_URL', 'gateway.example.com', 'URL such as http://'],
  ['EVERLEAF_EVENTS_BASE_URL', 'https://u:p@gateway.example.com', 'URL'],
  ['EVERLEAF_ADMIN_TLS', 'false', 'on or off'],
  ['EVERLEAF_GATEWAY_PROXIES', 'proxy.example.com', '10.0.0.5'],
  ['EVERLEAF_ADMIN_PROXIES', '0.0.0.0/0', 'every address'],
  ['EVERLEAF_PROXY_HOPS', '0', 'whole number'],
  ['EVERLEAF_TLS_CERT_FILE', '/nowhere/server.crt', 'EVERLEAF_TLS_KEY_FILE'],
  ['EVERLEAF_CA_CERT_FILE', '/nowhere/ca.crt', 'EVERLEAF_CA_KEY_FILE'],
  ['EVERLEAF_CA_KEY_FILE', '/nowhere/ca.key', 'EVERLEAF_CA_CERT_FILE'],
  ['EVERLEAF_CA_CHAIN_FILE', '/nowhere/chain.crt', 'EVERLEAF_CA_CERT_FILE'],
  ['EVERLEAF_CA_KEY_TYPE', 'rsa-1024', 'ec-p256'],
  ['EVERLEAF_CA_VALIDITY', '0d', 'number and a unit'],
  ['EVERLEAF_CLIENT_VALIDITY', '90', 'number and a unit'],
  ['EVERLEAF_SERVICE_USER_VALIDITY', '90d', 'EVERLEAF_RENEW_BEFORE'],
  ['EVERLEAF_RENEW_BEFORE', '820d', 'EVERLEAF_SERVICE_USER_VALIDITY'],
  ['EVERLEAF_SERVICE_USER_KEY_TYPE', 'rsa-1024', 'ec-p256'],
  ['EVERLEAF_TOKEN_TTL', '5 minutes', 'number and a unit'],
  ['EVERLEAF_SUBJECT_O', 'a,b', '64 characters'],
  ['EVERLEAF_SUBJECT_OU', 'a=b', '64 characters'],
  ['EVERLEAF_SUBJECT_L', ' Waldorf', 'space'],
  ['EVERLEAF_SUBJECT_ST', 'x'.repeat(65), '64 characters'],
  ['EVERLEAF_SUBJECT_C', 'DEU', 'two letters'],
  ['EVERLEAF_MODE', 'both', 'standalone'],
  ['EVERLEAF_INTERNAL_AUTH', 'network', 'EVERLEAF_INTERNAL_LISTEN'],
  ['EVERLEAF_RENEWAL_RATE', '0', 'whole number'],
  ['EVERLEAF_KEY_REUSE', 'never', 'allow, refuse'],
  ['EVERLEAF_LOG_LEVEL', 'verbose', 'debug'],
  ['EVERLEAF_GATEWAY_LISTEN', '192.0.2.1:0', 'cannot be opened'],
];

describe('a start with a wrong setting', () => {
  it.each(wrongValues)('is refused: %s=%s', async (variable, value, word) => {
    await expectStartFault({
      place: placeOfItsOwn(),
      settings: { [variable]: value },
      words: [variable, word],
    });
  });

  it('is refused before there is a home', async () => {
    const { folder } = placeOfItsOwn();
    const place = { folder, home: `${folder}/new` };

    await expectStartFault({ place, settings: { EVERLEAF_KEY_REUSE: 'x' }, words: ['KEY_REUSE'] });

    expect(contentsOf(folder).filter((line) => line.startsWith('new'))).toEqual([]);
  });
});
