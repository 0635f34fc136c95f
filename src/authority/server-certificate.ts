import { hash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '../edges.js';
import { generateKey, makeSigner } from '../pki/authority-key.js';
import { readCertificate } from '../pki/certificate-facts.js';
import { buildSubject } from '../pki/names.js';
import { encodePem, readPemBlocks } from '../pki/pem.js';
import type { MasterKey } from '../storage/master-key.js';
import { writePrivateFile } from '../storage/private-file.js';
import type { Authority } from './authority.js';
import type { IssueCertificate } from './issue-certificate.js';

/** A server certificate with its key, PEM. */
export interface ServerPair {
  readonly cert: string;
  readonly key: string;
}

export interface ServerHosts {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

const validitySeconds = 92 * 86_400;

/**
 * The gateway's own server certificate, kept in home as `server.crt` and, sealed, `server.key.sealed`. The
 * returned function gives the pair to use now and makes a new one when there is none, its hosts or its issuer changed, or a third of its life is
 * left.
 */
export function makeServerCertificate(edges: {
  readonly home: string;
  readonly masterKey: MasterKey;
  readonly hosts: ServerHosts;
  /** Whose certificates the clients know. */
  readonly serverIssuer: () => Authority;
  readonly issue: IssueCertificate;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<ServerPair> {
  const files = {
    cert: join(edges.home, 'server.crt'),
    key: join(edges.home, 'server.key.sealed'),
  };
  // Where home cannot be written the pair lives here: not every look may issue another one.
  let made: ServerPair | undefined;
  return async () => {
    const authority = edges.serverIssuer();
    const kept = await readPair(files, edges.masterKey);
    if (kept && isGood(kept, { ...edges, authority })) return kept;
    if (made && isGood(made, { ...edges, authority })) return made;
    made = await makePair({ ...edges, authority });
    await writePrivateFile(files.key, edges.masterKey.seal(Buffer.from(made.key), keyPlace));
    await writePrivateFile(files.cert, made.cert);
    edges.log.info({ hosts: edges.hosts }, 'made a new server certificate');
    return made;
  };
}

const keyPlace = { table: 'home', row: 'server.key.sealed', purpose: 'server-key' };

/** What is kept; undefined where it is absent or does not open, which a new pair mends. */
async function readPair(
  files: { cert: string; key: string },
  masterKey: MasterKey,
): Promise<ServerPair | undefined> {
  try {
    const sealed = await readFile(files.key, 'utf8');
    return {
      cert: await readFile(files.cert, 'utf8'),
      key: Buffer.from(masterKey.unseal(sealed, keyPlace)).toString(),
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw error;
    return undefined;
  }
}

/** A damaged or half-written pair is no fault: a new one is made in its place. */
function isGood(
  pair: ServerPair,
  edges: { hosts: ServerHosts; authority: Authority; clock: Clock },
): boolean {
  const [block] = readPemBlocks(pair.cert);
  if (!block || !isPairReadable(pair)) return false;
  const facts = readCertificate(block.der);
  const renewAt = facts.notBefore + ((facts.notAfter - facts.notBefore) * 2) / 3;
  // One that ends with its authority cannot be renewed for longer.
  const endsWithAuthority = facts.notAfter >= edges.authority.issuer.certificate.notAfter;
  return (
    pair.cert.endsWith(edges.authority.chainPem) &&
    (edges.clock() < renewAt || endsWithAuthority) &&
    sameSet(facts.dnsNames, edges.hosts.dnsNames) &&
    sameSet(facts.ipAddresses, edges.hosts.ipAddresses)
  );
}

function isPairReadable({ cert, key }: ServerPair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    // OpenSSL throws for text that is no certificate or no key: either way the pair does not serve.
    return false;
  }
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((other) => some.includes(other));
}

async function makePair(edges: {
  hosts: ServerHosts;
  authority: Authority;
  issue: IssueCertificate;
}): Promise<ServerPair> {
  const { hosts, authority, issue } = edges;
  const key = await generateKey('ec-p256');
  const { spki } = makeSigner(key);
  const holder = hosts.dnsNames[0] ?? hosts.ipAddresses[0] ?? 'localhost';
  const { der } = await issue({
    kind: 'server',
    holder,
    subject: buildSubject({ CN: 'Everleaf gateway', O: '', OU: '', L: '', ST: '', C: '' }),
    publicKey: { spki, spkiSha256: hash('sha256', spki) },
    validitySeconds,
    hosts,
    authority,
    event: { action: 'certificate.server', actor: 'gateway', detail: { ...hosts } },
  });
  return {
    cert: encodePem('CERTIFICATE', der) + authority.chainPem,
    key: String(key.export({ format: 'pem', type: 'pkcs8' })),
  };
}
