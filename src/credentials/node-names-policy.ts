import { Failure } from '../failure.js';
import type { RequestedNames } from '../pki/requested-names.js';
import { canonicalHost, isAddress, isDnsName } from './node-hosts.js';

/** What a server certificate names. */
export interface NodeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

export interface NodeNamesQuestion {
  readonly requested: RequestedNames;
  /** Counts where nothing else is requested. */
  readonly commonName: string | undefined;
  /** Canonical, as hostsOf gives them. */
  readonly hosts: readonly string[];
}

/**
 * The names of a server certificate, in the record's spelling: those that are requested, if all of them are hosts of the
 * service. A host `*.x` covers itself and one label before `x` (RFC 6125 6.4.3). Throws Failure `subject-mismatch`,
 * `state-conflict`.
 */
export function judgeNodeNames({ requested, commonName, hosts }: NodeNamesQuestion): NodeNames {
  if (hosts.length === 0) {
    throw new Failure(
      'state-conflict',
      'The service has no host yet: set host or hosts of its user_config, then request again.',
    );
  }
  const { dnsNames, ipAddresses, others } = namesIn(requested, commonName);
  if (others > 0) throw mismatch('asks for names that are neither DNS names nor addresses', hosts);
  if (dnsNames.length + ipAddresses.length === 0) throw mismatch('names no host', hosts);
  const outside = [
    ...dnsNames.filter((name) => !coversName(hosts, name)),
    ...ipAddresses.filter((address) => !hosts.includes(address)),
  ];
  if (outside.length > 0)
    throw mismatch(`names what is no host of the service: ${listed(outside)}`, hosts);
  return { dnsNames, ipAddresses };
}

function namesIn(requested: RequestedNames, commonName: string | undefined): RequestedNames {
  const { dnsNames, ipAddresses, others } = requested;
  const hasNames = dnsNames.length + ipAddresses.length + others > 0;
  const isNamed = !hasNames && commonName !== undefined && commonName !== '';
  if (isNamed && isAddress(commonName))
    return { dnsNames: [], ipAddresses: [canonicalHost(commonName)], others: 0 };
  const names = isNamed ? [commonName] : dnsNames;
  return { dnsNames: eachOnce(names.map(lowerCase)), ipAddresses: eachOnce(ipAddresses), others };
}

function coversName(hosts: readonly string[], name: string): boolean {
  if (isAddress(name)) return false;
  if (hosts.includes(name)) return true;
  return isDnsName(name) && name.includes('.') && hosts.includes(name.replace(/^[^.]+/, '*'));
}

function mismatch(what: string, hosts: readonly string[]): Failure {
  return new Failure(
    'subject-mismatch',
    `The certification request ${what}. Allowed are ${hosts.join(', ')}: request those in subjectAltName, or add hosts to the service's user_config.`,
  );
}

const mostListed = 5;
const mostLetters = 80;

/** Names from outside, such as a terminal can show. */
function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, mostListed)
    .map((name) => name.replace(/[^\x21-\x7e]/gu, '?').slice(0, mostLetters));
  return shown.join(', ') + (names.length > mostListed ? ', ...' : '');
}

/** ASCII alone: other letters that have a lower case in ASCII are other letters. */
function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)];
}
