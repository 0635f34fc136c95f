import { Failure } from '../failure.js';
import { readPemBlocks } from './pem.js';

/** Labels of PEM blocks that are surely something else; nonsense labels pass, as in the original. */
const foreignLabel =
  /^((TRUSTED|X509|ATTRIBUTE) )?CERTIFICATE$|(PRIVATE|PUBLIC) KEY( BLOCK)?$|PARAMETERS$|^(X509 )?CRL$|^PKCS ?#?7|^PKCS12$|^CMS$/;

/** Also of a block whose content is not plain base64, such as an encrypted key with its headers (RFC 1421 4.6.1.1). */
const firstLabel = /^-----BEGIN ([\x20-\x7e]{1,64}?)-----/m;

/** The DER in PEM of a certification request, not yet judged. Throws Failure `pem-malformed`, `pem-label-unexpected`. */
export function readRequestPem(text: string): Uint8Array {
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

/** The same where the bytes may be the DER itself: a SEQUENCE of 128 bytes or more, which no text begins like. */
export function readRequestForm(bytes: Uint8Array): Uint8Array {
  const [tag = 0, length = 0] = bytes;
  if (tag === 0x30 && length >= 0x80) return bytes;
  return readRequestPem(Buffer.from(bytes).toString('latin1'));
}

function isForeign(label: string | undefined): boolean {
  return label !== undefined && foreignLabel.test(label);
}
