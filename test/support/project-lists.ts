import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { encodePem } from '../../src/pki/pem.js';
import type { TestGateway } from './gateway.js';
import { temporaryHome } from './gateway.js';
import { askByOpenssl } from './ocsp.js';
import { fetchList, plainSerial, readList } from './revocation-list.js';
import type { ReadList } from './revocation-list.js';
import { run } from './run.js';
import { authoritiesOf } from './services.js';

/** A CA of a project as its relying parties know it. */
export interface ProjectCa {
  readonly id: string;
  readonly pem: string;
}

/** The oldest CA of a project. */
export async function caOf(gateway: TestGateway, project: string): Promise<ProjectCa> {
  const [authority] = await authoritiesOf(gateway, project);
  if (!authority) throw new Error(`project ${project} has no CA`);
  const pem = encodePem('CERTIFICATE', Buffer.from(authority.certificate, 'base64'));
  return { id: authority.id, pem };
}

/** The list of a CA as this gateway serves it now; throws where openssl does not verify it by that CA. */
export async function listOf(gateway: TestGateway, { id, pem }: ProjectCa): Promise<ReadList> {
  const home = temporaryHome();
  writeFileSync(join(home, 'ca.crt'), pem);
  return readList({ home }, await fetchList(gateway, `/pki/${id}.crl`));
}

/**
 * What a relying party of one project finds out about a certificate: by the list, by `openssl verify -crl_check` and by
 * `openssl ocsp`, which have to agree.
 */
export async function statusOf(
  gateway: TestGateway,
  ca: ProjectCa,
  certPem: string,
): Promise<'good' | 'revoked'> {
  const list = await listOf(gateway, ca);
  const serial = plainSerial(new X509Certificate(certPem).serialNumber);
  const status = list.serials.includes(serial) ? 'revoked' : 'good';
  const folder = temporaryHome();
  const inFile = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const caFile = inFile('ca.crt', ca.pem);
  const crlFile = inFile('list.pem', encodePem('X509 CRL', list.der));
  const trust = ['-CAfile', caFile, '-CRLfile', crlFile, '-x509_strict'];
  const certFile = inFile('user.crt', certPem);
  const verified = await run(['openssl', 'verify', '-crl_check', ...trust, certFile]);
  expect(`${verified.stdout}${verified.stderr}`).toContain(
    status === 'revoked' ? 'certificate revoked' : 'user.crt: OK',
  );
  const trusted = { issuerPem: ca.pem, trust: ['-CAfile', caFile] };
  const { text } = await askByOpenssl(gateway, { certPem }, trusted);
  expect(text).toContain('Response verify OK');
  expect(text).toContain(`asked.crt: ${status}`);
  return status;
}
