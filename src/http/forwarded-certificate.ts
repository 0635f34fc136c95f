import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Failure } from '../failure.js';
import { expectSequence, MalformedDer, readDer } from '../pki/der-reader.js';
import { readPemBlocks } from '../pki/pem.js';
import { parseClientCertHeader } from './client-cert-header.js';
import { parseForwardedClientCert } from './forwarded-client-cert.js';
import type { ForwardedElement } from './forwarded-client-cert.js';
import type { JudgeProxy } from './judge-proxy.js';
import type { PresentedCertificate } from './presented-certificate.js';

/** Whom the proxy at the other end speaks for; without a certificate `detail` says what to change. */
export type ForwardedCertificate =
  | { readonly certificate: PresentedCertificate }
  | { readonly certificate: undefined; readonly detail: string };

/**
 * The certificate that a trusted proxy forwards; undefined where the request comes from no proxy. Throws the Failure
 * `proxy-header-malformed` for whatever can be read in more than one way.
 */
export type ReadForwarded = (request: IncomingMessage) => ForwardedCertificate | undefined;

/** Element number `hops` from the right counts, and none is skipped. */
export function makeReadForwarded(edges: {
  readonly judgeProxy: JudgeProxy;
  readonly hops: number;
}): ReadForwarded {
  return (request) => {
    switch (edges.judgeProxy(request)) {
      case 'no-proxy':
        return undefined;
      case 'not-proven':
        return { certificate: undefined, detail: notProven };
      case 'trusted': {
        const certificate = certificateIn(request.headersDistinct, edges.hops);
        return certificate ? { certificate } : { certificate, detail: noneForwarded };
      }
    }
  };
}

const notProven =
  'The proxy at this address must present the certificate that EVERLEAF_GATEWAY_PROXIES names.';
const noneForwarded =
  'The proxy forwarded none: present one to the proxy, and let it send X-Forwarded-Client-Cert or Client-Cert.';

function certificateIn(
  headers: IncomingMessage['headersDistinct'],
  hops: number,
): PresentedCertificate | undefined {
  const forwarded = headers['x-forwarded-client-cert'];
  const clientCert = headers['client-cert'];
  if (forwarded === undefined) return clientCert && fromClientCert(clientCert);
  if (clientCert !== undefined)
    throw malformed(
      'The proxy sent both X-Forwarded-Client-Cert and Client-Cert: let it send one.',
    );
  return fromElements(forwarded, hops);
}

function fromClientCert(lines: readonly string[]): PresentedCertificate {
  const [line = '', ...more] = lines;
  const der = more.length === 0 ? parseClientCertHeader(line) : undefined;
  if (der === undefined)
    throw malformed('Client-Cert must be one byte sequence, :BASE64:, as RFC 9440 has it.');
  return presented(der, 'Client-Cert');
}

/** Several lines are one list in their order, but no quoted value reaches from one into the next. */
function fromElements(lines: readonly string[], hops: number): PresentedCertificate {
  const elements: ForwardedElement[] = [];
  for (const line of lines) {
    const parsed = parseForwardedClientCert(line);
    if (parsed === undefined)
      throw malformed(
        'X-Forwarded-Client-Cert must be a list of key=value pairs, as Envoy writes it.',
      );
    elements.push(...parsed);
  }
  const element = elements.at(-hops);
  if (element === undefined)
    throw malformed(
      `X-Forwarded-Client-Cert must have an element of each proxy: EVERLEAF_PROXY_HOPS is ${String(hops)}.`,
    );
  return fromElement(element);
}

function fromElement({ hash: given, cert, chain }: ForwardedElement): PresentedCertificate {
  if (given !== undefined && !/^[0-9a-f]{64}$/i.test(given))
    throw malformed('Hash in X-Forwarded-Client-Cert must be the SHA-256 of a certificate in hex.');
  const [only, second] = cert === undefined ? [] : readCertificates(cert, 'Cert');
  if (second !== undefined)
    throw malformed('Cert in X-Forwarded-Client-Cert must be one certificate.');
  // The chain begins with the client's own certificate.
  const [first] = chain === undefined ? [] : readCertificates(chain, 'Chain');
  const told = [given?.toLowerCase(), only?.sha256, first?.sha256].filter(
    (sha256) => sha256 !== undefined,
  );
  const [sha256] = told;
  if (sha256 === undefined)
    throw malformed('X-Forwarded-Client-Cert must have Cert or Hash: let the proxy add it.');
  if (told.some((other) => other !== sha256))
    throw malformed('Hash, Cert and Chain in X-Forwarded-Client-Cert must name one certificate.');
  return { sha256, der: only?.der ?? first?.der };
}

/** Percent-encoded PEM, with nothing between and around the blocks but line breaks. */
function readCertificates(value: string, key: 'Cert' | 'Chain'): PresentedCertificate[] {
  const what = `${key} in X-Forwarded-Client-Cert`;
  const text = decodePercent(value) ?? '';
  const blocks = readPemBlocks(text);
  // A block is a first line, base64 and a last line; what is left of it are the parts outside.
  const parts = text.split('-----');
  const isWhole =
    blocks.length > 0 &&
    blocks.every(({ label }) => label === 'CERTIFICATE') &&
    parts.length === blocks.length * 4 + 1 &&
    parts.every((part, index) => index % 4 !== 0 || part.trim() === '');
  if (!isWhole) throw malformed(`${what} must be the certificate as percent-encoded PEM.`);
  return blocks.map(({ der }) => presented(der, what));
}

function decodePercent(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // decodeURIComponent has no other way to say that the text is malformed
    return undefined;
  }
}

function presented(der: Uint8Array, what: string): PresentedCertificate {
  try {
    expectSequence(readDer(der), 'the certificate');
  } catch (cause) {
    if (!(cause instanceof MalformedDer)) throw cause;
    throw malformed(`${what} must be a certificate in DER.`, cause);
  }
  return { der, sha256: hash('sha256', der) };
}

function malformed(sentence: string, cause?: unknown): Failure {
  return new Failure('proxy-header-malformed', sentence, {
    cause,
    detail: 'This is for whoever runs the proxy in front of the gateway.',
  });
}
