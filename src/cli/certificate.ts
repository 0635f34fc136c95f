import type { RecordedCertificate } from '../authority/certificate-store.js';
import { judgeRecord } from '../http/client-identity.js';
import { formatName, readName } from '../pki/names.js';
import { encodePem } from '../pki/pem.js';
import { isRevocationReason, revocationReasons } from '../pki/revocation-reason.js';
import { StartFault } from '../start-fault.js';
import type { Stores } from '../gateway/stores.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatTable, formatTime } from './output.js';

/** `everleaf certificate list` */
export const listCertificatesCommand: Command<{
  holder: string | undefined;
  limit: number;
}> = async ({ config, clock, output }, filter) => {
  const certificates = await withRecord(config, clock, (stores) =>
    stores.certificates.list(filter),
  );
  const now = clock();
  output.show({
    value: certificates.map((certificate) => summaryOf(certificate, now)),
    text: formatTable(
      ['SHA-256', 'KIND', 'HOLDER', 'STATE', 'NOT BEFORE', 'NOT AFTER'],
      certificates.map((certificate) => [
        certificate.sha256.slice(0, 16),
        certificate.kind,
        certificate.holder,
        judgeRecord(certificate, now),
        formatTime(certificate.notBefore),
        formatTime(certificate.notAfter),
      ]),
    ),
  });
};

/** `everleaf certificate show SHA256|SERIAL` */
export const showCertificateCommand: Command<{ name: string }> = async (
  { config, clock, output },
  { name },
) => {
  const certificate = await withRecord(config, clock, (stores) => findOne(stores, name));
  const summary = summaryOf(certificate, clock());
  const lines = Object.entries(summary).map(([key, value]) => [key, String(value ?? '-')]);
  output.show({
    value: { ...summary, pem: encodePem('CERTIFICATE', certificate.der) },
    text: `${formatTable(['FIELD', 'VALUE'], lines)}\n${encodePem('CERTIFICATE', certificate.der).trimEnd()}`,
  });
};

/** `everleaf certificate revoke SHA256|SERIAL --reason NAME` */
export const revokeCertificateCommand: Command<{ name: string; reason: string }> = async (
  { config, clock, output, actor },
  { name, reason },
) => {
  if (!isRevocationReason(reason)) {
    throw new StartFault(`--reason must be one of ${Object.keys(revocationReasons).join(', ')}.`);
  }
  const { certificate, outcome } = await withRecord(config, clock, async (stores) => {
    const found = await findOne(stores, name);
    return {
      certificate: found,
      outcome: await stores.revoke({ certificate: found, reason, actor }),
    };
  });
  const also = outcome.descendants > 0 ? ` and ${String(outcome.descendants)} renewed from it` : '';
  output.show({
    value: { sha256: certificate.sha256, holder: certificate.holder, reason, ...outcome },
    text: outcome.isNew
      ? `Revoked ${certificate.sha256} of ${certificate.holder}${also}.`
      : `${certificate.sha256} of ${certificate.holder} had been revoked before${also}.`,
  });
};

async function findOne(stores: Stores, name: string): Promise<RecordedCertificate> {
  const prefix = name.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(prefix)) {
    throw new StartFault(
      'Name a certificate by its SHA-256 or serial number in hex, at least six digits of it.',
    );
  }
  const [found, ...others] = await stores.certificates.findByPrefix(prefix);
  if (!found) throw new StartFault(`No certificate on record begins with ${prefix}.`);
  if (others.length > 0)
    throw new StartFault(`More than one certificate begins with ${prefix}: give more digits.`);
  return found;
}

function summaryOf(certificate: RecordedCertificate, now: number) {
  return {
    sha256: certificate.sha256,
    serial: certificate.serial,
    authority: certificate.authorityId,
    kind: certificate.kind,
    holder: certificate.holder,
    subject: formatName(readName(certificate.subject)),
    state: judgeRecord(certificate, now),
    notBefore: formatTime(certificate.notBefore),
    notAfter: formatTime(certificate.notAfter),
    predecessor: certificate.predecessor,
    line: certificate.line,
    revokedAt: certificate.revokedAt === null ? null : formatTime(certificate.revokedAt),
    revocationReason: certificate.revocationReason,
  };
}
