import type { RecordedCertificate } from '../authority/certificate-store.js';
import { isPublished } from '../authority/revoke-certificate.js';
import { serviceUserOfHolder } from '../credentials/service-user.js';
import { judgeRecord } from '../http/client-identity.js';
import { formatName, readName } from '../pki/names.js';
import { encodePem } from '../pki/pem.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { StartFault } from '../start-fault.js';
import type { Stores } from '../gateway/stores.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf certificate list` */
export const listCertificatesCommand: Command<{
  holder: string | undefined;
  limit: number;
  withExpired: boolean;
}> = async ({ config, clock, output }, { holder, limit, withExpired }) => {
  const now = clock();
  const filter = { holder, limit, endsAfter: withExpired ? 0 : now };
  const certificates = await withRecord(config, clock, (stores) =>
    stores.certificates.list(filter),
  );
  output.show({
    value: certificates.map((certificate) => summaryOf(certificate, now)),
    text: formatTable(
      ['SHA-256', 'KIND', 'HOLDER', 'STATE', 'NOT BEFORE', 'NOT AFTER'],
      certificates.map((certificate) => [
        certificate.sha256.slice(0, 16),
        certificate.kind,
        certificate.holder,
        `${judgeRecord(certificate, now)}${isPublished(certificate) ? '' : ', adopted'}`,
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
  const certificate = await withRecord(config, clock, (stores) => findCertificate(stores, name));
  const summary = summaryOf(certificate, clock());
  const pem = encodePem('CERTIFICATE', certificate.der);
  output.show({
    value: { ...summary, pem },
    text: `${formatFields({
      ...summary,
      notBefore: formatTime(certificate.notBefore),
      notAfter: formatTime(certificate.notAfter),
      revokedAt: formatTime(certificate.revokedAt),
      hintedAt: formatTime(certificate.hintedAt),
    })}\n\n${pem.trimEnd()}`,
  });
};

/** `everleaf certificate revoke SHA256|SERIAL --reason NAME` */
export const revokeCertificateCommand: Command<{
  name: string;
  reason: RevocationReason;
}> = async ({ config, clock, output, actor }, { name, reason }) => {
  const { certificate, outcome } = await withRecord(config, clock, async (stores) => {
    const found = await findCertificate(stores, name);
    return {
      certificate: found,
      outcome: await stores.revoke({ certificate: found, reason, actor }),
    };
  });
  const published = isPublished(certificate);
  const note = published
    ? noteFor(certificate)
    : ' It was adopted: this gateway refuses it, but no revocation list and no OCSP answer names it.';
  const also = outcome.descendants > 0 ? ` and ${String(outcome.descendants)} renewed from it` : '';
  output.show({
    value: {
      sha256: certificate.sha256,
      holder: certificate.holder,
      reason,
      ...outcome,
      isPublished: published,
    },
    text: outcome.isNew
      ? `Revoked ${certificate.sha256} of ${certificate.holder}${also}.${note}`
      : `${certificate.sha256} of ${certificate.holder} had been revoked before${also}.${note}`,
  });
};

/** The pair of a service user is the gateway's to replace. */
function noteFor(certificate: RecordedCertificate): string {
  const user = serviceUserOfHolder(certificate);
  if (!user) return '';
  const { project, service, username } = user;
  return ` If the user has no other one: \`everleaf user reset ${project} ${service} ${username}\` makes a new pair.`;
}

/** The certificate that a person means by the beginning of its SHA-256 or serial number. */
export async function findCertificate(
  stores: Stores,
  prefix: string,
): Promise<RecordedCertificate> {
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
    origin: certificate.origin,
    authority: certificate.authorityId,
    kind: certificate.kind,
    holder: certificate.holder,
    subject: formatName(readName(certificate.subject)),
    state: judgeRecord(certificate, now),
    notBefore: rfc3339(certificate.notBefore),
    notAfter: rfc3339(certificate.notAfter),
    predecessor: certificate.predecessor,
    line: certificate.line,
    revokedAt: rfc3339(certificate.revokedAt),
    revocationReason: certificate.revocationReason,
    hintedAt: rfc3339(certificate.hintedAt),
  };
}
