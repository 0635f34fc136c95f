import type { StorePassword } from '../pki/pkcs12-password.js';

interface ClientProperties {
  readonly keyStore: string;
  readonly trustStore: string;
  readonly password: StorePassword;
  /** `host:port`, several with commas. */
  readonly bootstrapServers?: string | undefined;
}

/**
 * What a Kafka client in Java needs to connect, as a properties file in ASCII. The check of the server's name stays
 * on: Kafka's default.
 */
export function formatClientProperties(client: ClientProperties): string {
  const { keyStore, trustStore, password, bootstrapServers } = client;
  const properties = [
    ...(bootstrapServers === undefined ? [] : [['bootstrap.servers', bootstrapServers] as const]),
    ['security.protocol', 'SSL'],
    ['ssl.keystore.type', 'PKCS12'],
    ['ssl.keystore.location', keyStore],
    ['ssl.keystore.password', password],
    ['ssl.key.password', password],
    ['ssl.truststore.type', 'PKCS12'],
    ['ssl.truststore.location', trustStore],
    ['ssl.truststore.password', password],
  ] as const;
  const lines = properties.map(([name, value]) => `${name}=${escapeValue(value)}\n`);
  return `# Relative paths count from the directory in which the client starts.\n${lines.join('')}`;
}

/** A value as java.util.Properties reads it back: a backslash, a first space and what is not ASCII need an escape. */
function escapeValue(value: string): string {
  return value.replace(/\\|^ |[^ -~]/g, (letter) => {
    if (letter === '\\' || letter === ' ') return `\\${letter}`;
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
