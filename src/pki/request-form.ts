import { Failure } from '../failure.js';
import { decodeBase64 } from './base64.js';
import { readPemBlocks } from './pem.js';

const largestText = 16_384;

/** Labels of PEM blocks that are surely something else; nonsense labels pass, as in the original. */
const foreignLabel =
  /^((TRUSTED|X509|ATTRIBUTE) )?CERTIFICATE$|(PRIVATE|PUBLIC) KEY( BLOCK)?$|PARAMETERS$|^(X509 )?CRL$|^PKCS ?#?7|^PKCS12$|^CMS$/;

/** Also of a block whose content is not plain base64, such as an encrypted key with its headers (RFC 1421 4.6.1.1). */
const firstLabel = /^-----BEGIN ([\x20-\x7e]{1,64}?)-----/m;

/** The DER in PEM of a certification request. Throws Failure `pem-malformed`, `pem-label-unexpected`. */
function readRequestPem(text: string): Uint8Array {
  const [block] = readPemBlocks(text);
  const foreign = [firstLabel.exec(text)?.[1], block?.label].find(isForeign);
  if (foreign !== undefined) {
    throw new Failure(
      'pem-label-unexpected',
      `Error while decoding pem block. Found ${foreign} where a CERTIFICATE REQUEST is expected.`,
    );
  }
  if (!block) {
    throw new Failure('pem-malformed', 'Error while decoding pem block.', {
      detail:
        'csr must be base64 of the PEM text that openssl req writes, begin and end lines included.',
    });
  }
  return block.der;
}

/**
 * Base64 of the PEM text of a certification request -> the DER in it, not yet judged. Throws a Failure with the sentence
 * of the Connector Service's contract.
 */
export function readRequestText(csr: string): Uint8Array {
  const decoded = csr === '' ? Buffer.alloc(0) : decodeBase64(csr);
  if (!decoded) {
    throw new Failure(
      'base64-malformed',
      'There was an error while parsing the base64 content. An incorrect value was provided.',
      {
        detail:
          'csr must be standard base64 with padding of the PEM text, as openssl base64 -A makes it.',
      },
    );
  }
  if (decoded.length > largestText) {
    throw new Failure('request-too-large', 'The certification request is larger than 16 KiB.');
  }
  return readRequestPem(decoded.toString('latin1'));
}

/** The DER of a certification request where the bytes may be PEM or the DER itself: a SEQUENCE of 128 bytes or more, which no text begins like. */
export function readRequestForm(bytes: Uint8Array): Uint8Array {
  const [tag = 0, length = 0] = bytes;
  if (tag === 0x30 && length >= 0x80) return bytes;
  return readRequestPem(Buffer.from(bytes).toString('latin1'));
}

function isForeign(label: string | undefined): boolean {
  return label !== undefined && foreignLabel.test(label);
}
