import { createPrivateKey } from 'node:crypto';
import type { Clock, RandomBytes } from '../edges.js';
import { generateKey, keyFits, makeSigner } from '../pki/authority-key.js';
import type { AuthorityKeyType, Signer } from '../pki/authority-key.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { makeSelfSignedAuthority } from '../pki/certificate-template.js';
import { buildAuthorityName } from '../pki/names.js';
import { newSerialNumber } from '../pki/serial-number.js';
import { StartFault } from '../start-fault.js';
import type { MasterKey } from '../storage/master-key.js';
import { authorityId, makeAuthority } from './authority.js';
import type { Authority } from './authority.js';
import { readAuthorityFiles } from './authority-files.js';
import type { AuthorityStore, StoredAuthority } from './authority-store.js';

export interface OpenAuthorityEdges {
  readonly store: AuthorityStore;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly settings: {
    readonly certFile?: string | undefined;
    readonly keyFile?: string | undefined;
    readonly chainFile?: string | undefined;
    readonly keyType: AuthorityKeyType;
    readonly validitySeconds: number;
    readonly organization: string;
  };
}

/**
 * The authority that issues from now on: the operator's where files are named, else the one on record, made at the
 * first start. Throws StartFault when what is there cannot serve; nothing is changed then.
 */
export async function openAuthority(edges: OpenAuthorityEdges): Promise<Authority> {
  const { certFile, keyFile, chainFile } = edges.settings;
  if (certFile !== undefined && keyFile !== undefined) {
    return bringAuthority(edges, { certFile, keyFile, chainFile });
  }
  const stored = (await edges.store.findActive()) ?? (await makeFirstAuthority(edges));
  const authority = reviveAuthority(stored, edges);
  await claimKeys(authority, edges.store);
  return authority;
}

/** The keys of an authority and its issuers serve nobody else: no client may present or request one. */
async function claimKeys(authority: Authority, store: AuthorityStore): Promise<void> {
  for (const { spkiSha256 } of [authority.issuer.certificate, ...authority.chain]) {
    if (await store.claimKey({ spkiSha256, authorityId: authority.id })) continue;
    throw new StartFault(
      "EVERLEAF_CA_CERT_FILE: a key of this authority or its chain is a client's: an authority needs a key of its own.",
    );
  }
}

async function bringAuthority(
  { store, clock }: OpenAuthorityEdges,
  files: { certFile: string; keyFile: string; chainFile: string | undefined },
): Promise<Authority> {
  const { certificate, chain, signer } = await readAuthorityFiles(files, clock());
  const authority = makeAuthority({ issuer: { certificate, signer }, chain });
  await claimKeys(authority, store);
  const active = await store.findActive();
  if (active?.id !== authority.id) {
    await store.replaceActive({
      id: authority.id,
      certificate: base64(certificate.der),
      chain: chain.map(({ der }) => base64(der)),
      sealedKey: null,
      createdAt: clock(),
    });
  }
  return authority;
}

async function makeFirstAuthority({
  store,
  masterKey,
  clock,
  random,
  settings,
}: OpenAuthorityEdges): Promise<StoredAuthority> {
  const now = clock();
  const key = await generateKey(settings.keyType);
  const certificate = readCertificate(
    await makeSelfSignedAuthority({
      signer: makeSigner(key),
      subject: buildAuthorityName({ O: settings.organization, CN: 'Everleaf CA' }),
      serial: newSerialNumber(random),
      notBefore: now,
      notAfter: now + settings.validitySeconds,
    }),
  );
  const id = authorityId(certificate);
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  await store.insertFirst({
    id,
    certificate: base64(certificate.der),
    chain: [],
    sealedKey: masterKey.seal(pkcs8, placeOf(id)),
    createdAt: now,
  });
  pkcs8.fill(0);
  // Another replica may have been first: what is on record counts.
  const stored = await store.findActive();
  if (!stored) throw new Error('no authority is on record after one was put there');
  return stored;
}

function reviveAuthority(
  stored: StoredAuthority,
  { masterKey, clock }: OpenAuthorityEdges,
): Authority {
  if (stored.sealedKey === null) {
    throw new StartFault(
      'EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE must be set: the authority on record keeps its key in a file.',
    );
  }
  const certificate = readCertificate(Buffer.from(stored.certificate, 'base64'));
  const signer = unsealSigner(stored.sealedKey, stored.id, masterKey);
  if (!keyFits(signer, certificate)) {
    throw new StartFault(
      `The key of authority ${stored.id} on record does not fit its certificate: restore a backup.`,
    );
  }
  if (clock() > certificate.notAfter) {
    throw new StartFault(
      `The authority ${stored.id} on record expired on ${new Date(certificate.notAfter * 1000).toISOString()}: bring another by EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE.`,
    );
  }
  const chain: CertificateFacts[] = stored.chain.map((der) =>
    readCertificate(Buffer.from(der, 'base64')),
  );
  return makeAuthority({ issuer: { certificate, signer }, chain });
}

function unsealSigner(sealedKey: string, id: string, masterKey: MasterKey): Signer {
  const pkcs8 = Buffer.from(masterKey.unseal(sealedKey, placeOf(id)));
  const signer = makeSigner(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  pkcs8.fill(0);
  return signer;
}

function placeOf(id: string) {
  return { table: 'authorities', row: id, purpose: 'private-key' };
}

function base64(der: Uint8Array): string {
  return Buffer.from(der).toString('base64');
}
