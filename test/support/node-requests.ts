import type { KeyObject } from 'node:crypto';
import { tags } from '../../src/pki/der-content.js';
import { encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { encodeIpAddress } from '../../src/pki/ip-address.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { makeKey, makeRequest, makeRequestAttribute } from './requests.js';

/** Names as openssl writes them: `DNS:host`, `IP:address`, `URI:uri`. */
type NodeName = `${'DNS' | 'IP' | 'URI'}:${string}`;

/** The extension subjectAltName (RFC 5280 4.2.1.6). */
export function alternativeNames(...names: readonly NodeName[]): Der {
  const encoded = names.map((name) => {
    const at = name.indexOf(':');
    const text = name.slice(at + 1);
    switch (name.slice(0, at)) {
      case 'DNS':
        return encodeDer(0x82, Buffer.from(text, 'latin1'));
      case 'IP':
        return encodeDer(0x87, encodeIpAddress(text));
      default:
        return encodeDer(0x86, Buffer.from(text, 'latin1'));
    }
  });
  return encodeSequence(
    encodeOid(oids.subjectAltName),
    encodeDer(tags.octetString, encodeSequence(...encoded)),
  );
}

/** The request of a server for its names, with the body of the route. */
export function makeNodeRequest(
  names: readonly NodeName[],
  { key = makeKey('prime256v1'), subject = '/CN=' }: { key?: KeyObject; subject?: string } = {},
): { readonly key: KeyObject; readonly keyPem: string; readonly der: Der; readonly csr: string } {
  const extensions =
    names.length === 0
      ? {}
      : {
          attributes: makeRequestAttribute(
            oids.extensionRequest,
            encodeSequence(alternativeNames(...names)),
          ),
        };
  const { der, pem } = makeRequest({ key, subject, ...extensions });
  return {
    key,
    keyPem: String(key.export({ format: 'pem', type: 'pkcs8' })),
    der,
    csr: Buffer.from(pem).toString('base64'),
  };
}
