import type { IncomingHttpHeaders } from 'node:http';
import type { ClientKind } from '../authority/certificate-kinds.js';
import { Failure } from '../failure.js';
import type { Client, Mode } from './client.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type ClientHeader = 'Application' | 'Tenant' | 'Group';

/** Which headers name a client; what is not among them is ignored. */
export function clientHeadersOf(kind: ClientKind, mode: Mode): readonly ClientHeader[] {
  if (mode === 'standalone') return ['Application'];
  return kind === 'runtime' ? ['Tenant', 'Group'] : ['Application', 'Tenant', 'Group'];
}

/** Headers -> the client that they name. Throws the Failure `header-missing` with the contract's sentence. */
export function readClientHeaders(input: {
  readonly headers: IncomingHttpHeaders;
  readonly kind: ClientKind;
  readonly mode: Mode;
}): Client {
  const { headers, kind, mode } = input;
  const wanted = clientHeadersOf(kind, mode);
  const missing = wanted.filter((name) => textOf(headers, name) === '');
  if (missing.length > 0) throw missingHeaders(kind, missing);
  const valueOf = (name: ClientHeader): string | undefined =>
    wanted.includes(name) ? decode(name, textOf(headers, name)) : undefined;
  return {
    kind,
    application: valueOf('Application') ?? '',
    tenant: valueOf('Tenant') ?? null,
    group: valueOf('Group') ?? null,
  };
}

function textOf(headers: IncomingHttpHeaders, name: ClientHeader): string {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value : '';
}

function missingHeaders(kind: ClientKind, missing: readonly ClientHeader[]): Failure {
  const context = kind === 'runtime' ? 'ClusterContext' : 'ApplicationContext';
  const each = missing.map((name) => `the name of the ${name.toLowerCase()} in the header ${name}`);
  return new Failure('header-missing', `Required headers for ${context} not specified.`, {
    detail: `Send ${each.join(', ')}.`,
  });
}

/** Node reads headers as Latin-1; clients send UTF-8. */
function decode(name: ClientHeader, text: string): string {
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch (cause) {
    throw new Failure('name-invalid', `The ${name.toLowerCase()} name is not UTF-8.`, { cause });
  }
}
