import { subjectFieldsOf } from '../connector/client.js';
import type { Client } from '../connector/client.js';
import { pathsOf } from '../connector/paths.js';
import type { SubjectFields } from '../pki/names.js';

/** The lines that make a key and a request and turn a token into a certificate, for a POSIX shell. */
export function linesFor(order: {
  readonly client: Client;
  readonly token: string;
  readonly gatewayUrl: string;
  readonly subject: Omit<SubjectFields, 'CN'>;
}): { readonly openssl: string; readonly curl: string } {
  const { client, token, gatewayUrl } = order;
  const { C, ST, L, O, OU, CN } = subjectFieldsOf(client, order.subject);
  const subject = Object.entries({ C, ST, L, O, OU, CN }).map(([name, text]) => `/${name}=${text}`);
  const file = fileName(client);
  const url = `${gatewayUrl}${pathsOf(client.kind).certificates}?token=${token}`;
  return {
    openssl: [
      `openssl genrsa -out ${file}.key 2048`,
      `openssl req -new -sha256 -utf8 -key ${file}.key -out ${file}.csr -subj ${quoted(subject.join(''))}`,
    ].join('\n'),
    curl: [
      `curl --cacert ca.crt -d '{"csr":"'$(openssl base64 -A -in ${file}.csr)'"}' ${quoted(url)} > answer.json`,
      `sed 's/.*"clientCrt":"\\([^"]*\\)".*/\\1/' answer.json | openssl base64 -d -A > ${file}.crt`,
    ].join('\n'),
  };
}

/** A name that needs no quotes. */
function fileName({ kind, application }: Client): string {
  if (kind === 'runtime') return 'runtime';
  return /^[a-zA-Z0-9_][\w.-]*$/.test(application) ? application : 'application';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
