import type { RandomBytes } from '../edges.js';
import { toPem } from '../authority/chains.js';
import { encodePem } from '../pki/pem.js';
import { readStorePassword } from '../pki/pkcs12-password.js';
import { makeKeyStore, makeTrustStore } from '../pki/pkcs12-stores.js';
import { formatClientProperties } from './client-properties.js';
import { readCredentials } from './judge-credentials.js';
import type { CredentialTexts } from './judge-credentials.js';

export interface ExportOrder extends CredentialTexts {
  /** Of both stores: 6 to 256 printable ASCII characters. */
  readonly password: string;
  /** `host:port` of the service, for the properties; left out where it is not given. */
  readonly bootstrapServers?: string | undefined;
}

/** Names as Aiven's client gives them; a folder that holds older ones has each replaced. */
export type CredentialFileName =
  | 'ca.pem'
  | 'service.cert'
  | 'service.key'
  | 'client.keystore.p12'
  | 'client.truststore.p12'
  | 'client.properties';

/** The files of one export, all of one pair. All but `ca.pem` and `service.cert` are for their holder alone. */
export type CredentialFiles = Readonly<Record<CredentialFileName, Uint8Array>>;

/**
 * A service user's credentials in every form that a client asks for: PEM, and a key store and a trust store that Java
 * reads from 8u301 on. The trust store holds every CA of a roll-over, the key store the chain of the certificate alone.
 * Throws Failure `field-invalid` for an unfit password, `internal` where key and certificate are no pair.
 */
export async function exportCredentials(
  order: ExportOrder,
  random: RandomBytes,
): Promise<CredentialFiles> {
  const protection = { password: readStorePassword(order.password), random };
  const { pkcs8, certificate, authorities, chain } = await readCredentials(order);
  const entry = {
    alias: order.username,
    pkcs8,
    certificate: certificate.der,
    chain: chain.map(({ der }) => der),
  };
  const trusted = authorities.map(({ sha256, der }) => ({
    // The same in every export, so that a CA that is imported elsewhere is known again there.
    alias: `ca-${sha256.slice(0, 16)}`,
    certificate: der,
  }));
  const properties = formatClientProperties({
    keyStore: 'client.keystore.p12',
    trustStore: 'client.truststore.p12',
    password: protection.password,
    bootstrapServers: order.bootstrapServers,
  });
  return {
    'ca.pem': Buffer.from(toPem(authorities)),
    'service.cert': Buffer.from(toPem([certificate])),
    'service.key': Buffer.from(encodePem('PRIVATE KEY', pkcs8)),
    'client.keystore.p12': await makeKeyStore(entry, protection),
    'client.truststore.p12': await makeTrustStore(trusted, protection),
    'client.properties': Buffer.from(properties, 'ascii'),
  };
}
