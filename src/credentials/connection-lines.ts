import { clientsTrustOf } from './client-ca.js';
import type { ClientsTrust } from './client-ca.js';
import { hasCertificates } from './service.js';
import type { Service } from './service.js';

/** One way to connect, without a secret, and in a sentence what it checks and what it does not. */
export interface ConnectionLine {
  readonly mode: string;
  readonly line: string;
  readonly checks: string;
}

type Connected = Pick<Service, 'type' | 'host' | 'port' | 'userConfig'>;

/**
 * How to connect to a service as this user, by the file names of `everleaf user download` and of the export for Java;
 * the last way is the one to take. None for other types than `pg` and `kafka`, and while there is no host.
 */
export function connectionLines(
  service: Connected,
  username: string | undefined,
): readonly ConnectionLine[] {
  if (service.host === '') return [];
  const trust = clientsTrustOf(service);
  if (service.type === 'kafka') return [kafkaLine(service, trust)];
  if (service.type !== 'pg' || username === undefined) return [];
  const modes = postgresModes[trust];
  return modes.map(({ mode, rootCert, checks }) => ({
    mode,
    line: psqlLine(service, { username, mode, rootCert }),
    checks,
  }));
}

/** What libpq checks by `sslmode` and `sslrootcert` (PostgreSQL documentation, 34.19 SSL Support). */
const postgresModes: Readonly<
  Record<ClientsTrust, readonly { mode: string; rootCert: string | undefined; checks: string }[]>
> = {
  project_ca: [
    {
      mode: 'require',
      rootCert: 'ca.pem',
      checks:
        'Encrypts. While the file ca.pem is there, it checks as verify-ca does; without that file it checks nothing, so anybody on the way can pose as the server.',
    },
    {
      mode: 'verify-ca',
      rootCert: 'ca.pem',
      checks:
        'Encrypts and checks that the certificate of the server comes from a CA in ca.pem, not whom it names: any server of the project can pose as this one.',
    },
    {
      mode: 'verify-full',
      rootCert: 'ca.pem',
      checks:
        'Encrypts and checks that the certificate of the server comes from a CA in ca.pem and names the host of this line.',
    },
  ],
  // libpq takes the system's CAs with verify-full alone: with less, anybody's certificate of anything would do.
  browser: [
    {
      mode: 'require',
      rootCert: undefined,
      checks:
        'Encrypts and checks nothing, unless there is a ~/.postgresql/root.crt: anybody on the way can pose as the server.',
    },
    {
      mode: 'verify-full',
      rootCert: 'system',
      checks:
        'Encrypts and checks that the certificate of the server comes from a CA that the system trusts and names the host of this line; needs libpq 16 or later.',
    },
  ],
};

function psqlLine(
  service: Connected,
  user: {
    readonly username: string;
    readonly mode: string;
    readonly rootCert: string | undefined;
  },
): string {
  const { host, port } = service;
  const address = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  const parameters = [
    `sslmode=${user.mode}`,
    ...(user.rootCert === undefined ? [] : [`sslrootcert=${user.rootCert}`]),
    ...(hasCertificates(service) ? ['sslcert=service.cert', 'sslkey=service.key'] : []),
  ].join('&');
  // The quotes keep the shell from reading & as its own; the name must not end them.
  const name = encodeURIComponent(user.username).replaceAll("'", '%27');
  return `psql 'postgres://${name}@${address}/defaultdb?${parameters}'`;
}

function kafkaLine(service: Connected, trust: ClientsTrust): ConnectionLine {
  const { host, port } = service;
  const line = `bootstrap.servers=${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  if (!hasCertificates(service)) {
    return {
      mode: 'sasl_ssl',
      line,
      checks:
        'For a client.properties of your own, with security.protocol=SASL_SSL: Kafka then checks the chain and the host name.',
    };
  }
  return {
    mode: 'ssl',
    line,
    checks: `Put it into client.properties of the credentials in the format java. ${kafkaChecks[trust]}`,
  };
}

const kafkaChecks: Readonly<Record<ClientsTrust, string>> = {
  project_ca:
    'With it Kafka encrypts and checks that the certificate of the broker comes from the CA of the project and names its host.',
  browser:
    'Take its ssl.truststore lines out: Kafka then checks by the CAs that Java trusts, and that the certificate of the broker names its host.',
};
