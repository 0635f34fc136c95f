import type { KeyObject } from 'node:crypto';
import type { Clock, RandomBytes } from '../edges.js';
import { encodeBase64 } from '../pki/base64.js';
import { generateKey, makeSigner } from '../pki/authority-key.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { buildAuthorityName } from '../pki/names.js';
import { newSerialNumber } from '../pki/serial-number.js';
import type { MasterKey } from '../storage/master-key.js';
import { authorityId } from './authority.js';
import type { NewAuthority } from './authority-store.js';
import { sealKey } from './stored-key.js';

/** What an authority that is made here looks like. */
export interface AuthorityForm {
  readonly keyType: AuthorityKeyType;
  readonly validitySeconds: number;
  readonly organization: string;
  readonly commonName: string;
}

/** Makes a self-signed authority with a new key, ready for the record: the key is sealed, nothing is on record yet. */
export async function makeNewAuthority(
  edges: { readonly masterKey: MasterKey; readonly clock: Clock; readonly random: RandomBytes },
  form: AuthorityForm,
): Promise<NewAuthority> {
  // What builds a certificate takes longer to load than most commands to run, and few make an authority.
  const { makeSelfSignedAuthority } = await import('../pki/certificate-template.js');
  const now = edges.clock();
  const key = await generateKey(form.keyType);
  const certificate = readCertificate(
    await makeSelfSignedAuthority({
      signer: makeSigner(key),
      subject: buildAuthorityName({ O: form.organization, CN: form.commonName }),
      serial: newSerialNumber(edges.random),
      notBefore: now,
      notAfter: now + form.validitySeconds,
    }),
  );
  return toNewAuthority({ certificate, chain: [], key, masterKey: edges.masterKey, now });
}

/** An authority as it goes on record; without a key it stays the operator's, in a file. `now` in seconds. */
export function toNewAuthority(input: {
  readonly certificate: CertificateFacts;
  readonly chain: readonly CertificateFacts[];
  readonly key?: KeyObject;
  readonly masterKey: MasterKey;
  readonly now: number;
}): NewAuthority {
  const { certificate, chain, key, masterKey, now } = input;
  const id = authorityId(certificate);
  return {
    id,
    certificate: encodeBase64(certificate.der),
    chain: chain.map(({ der }) => encodeBase64(der)),
    sealedKey: key ? sealKey(key, id, masterKey) : null,
    createdAt: now,
  };
}
