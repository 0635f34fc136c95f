import { Failure } from '../failure.js';
import { readAlternativeNames, readExtension } from './certificate-extensions.js';
import type { CertificationRequest } from './certification-request.js';
import { expectSequence, expectTag, MalformedDer, readDer } from './der-reader.js';
import { oids } from './object-identifiers.js';
import { readRequestedExtensions } from './requested-extras.js';

/** The names of a server that a request asks for: its subjectAltName (RFC 5280 4.2.1.6). */
export interface RequestedNames {
  readonly dnsNames: readonly string[];
  /** IPv6 as in RFC 5952. */
  readonly ipAddresses: readonly string[];
  /** How many names of other kinds, such as URIs and mail addresses. */
  readonly others: number;
}

const none: RequestedNames = { dnsNames: [], ipAddresses: [], others: 0 };

/** Reads what a request that has been judged asks to be called. Throws Failure `request-malformed`. */
export function readRequestedNames({ der }: Pick<CertificationRequest, 'der'>): RequestedNames {
  try {
    const content = findAlternativeNames(der);
    if (content === undefined) return none;
    const named = readAlternativeNames(content);
    const all = expectSequence(readDer(content), 'subjectAltName').length;
    return { ...named, others: all - named.dnsNames.length - named.ipAddresses.length };
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    throw new Failure('request-malformed', `Error while parsing CSR: ${error.message}.`, {
      cause: error,
      detail:
        'Name the hosts as in `openssl req -new -addext subjectAltName=DNS:host.example.com`.',
    });
  }
}

function findAlternativeNames(der: Uint8Array): Uint8Array | undefined {
  const [info] = expectSequence(readDer(der), 'the request');
  const [, , , attributes] = expectSequence(info, 'the request info');
  if (attributes === undefined) return undefined;
  const { children } = expectTag(attributes, 0xa0, 'the attributes');
  const [found, ...more] = readRequestedExtensions(children)
    .map(readExtension)
    .filter(({ oid }) => oid === oids.subjectAltName);
  if (more.length > 0) throw new MalformedDer('subjectAltName is asked for twice');
  return found?.content;
}
