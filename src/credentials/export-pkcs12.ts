import type { RandomBytes } from '../edges.js';
import { drawStorePassword } from '../pki/pkcs12-password.js';
import { makeKeyStore } from '../pki/pkcs12-stores.js';
import type { ExportCredentials } from './credential-files.js';
import { readCredentials } from './judge-credentials.js';

/**
 * The pair and every CA in one PKCS#12 file, beside it the password that opens it. The issuers of the certificate come
 * before the other CAs: after a roll-over both have one name, and Java takes the first of a name for the issuer.
 */
export function makeExportPkcs12(random: RandomBytes): ExportCredentials {
  return async (credentials) => {
    const { pkcs8, certificate, authorities, chain } = await readCredentials(credentials);
    const others = authorities.filter((one) => !chain.includes(one));
    const password = drawStorePassword(random);
    const store = await makeKeyStore(
      {
        alias: credentials.username,
        pkcs8,
        certificate: certificate.der,
        chain: [...chain, ...others].map(({ der }) => der),
      },
      { password, random },
    );
    return [
      { name: 'service.p12', content: store },
      { name: 'service.p12.password', content: `${password}\n` },
    ];
  };
}
