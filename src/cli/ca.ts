import type { StoredAuthority } from '../authority/authority-store.js';
import { readCertificate } from '../pki/certificate-facts.js';
import { formatName, readName } from '../pki/names.js';
import { encodePem } from '../pki/pem.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatTable, formatTime } from './output.js';

/** `everleaf ca list` */
export const listAuthoritiesCommand: Command<object> = async ({ config, clock, output }) => {
  const authorities = (await withRecord(config, clock, (stores) => stores.authorities.list())).map(
    summaryOf,
  );
  output.show({
    value: authorities,
    text: formatTable(
      ['ID', 'STATE', 'SUBJECT', 'NOT AFTER', 'KEY'],
      authorities.map(({ id, state, subject, notAfter, key }) => [
        id,
        state,
        subject,
        notAfter,
        key,
      ]),
    ),
  });
};

/** `everleaf ca show [ID]`: the certificate and its chain; the active one where no id is given. */
export const showAuthorityCommand: Command<{ id: string | undefined }> = async (
  { config, clock, output },
  { id },
) => {
  const authorities = await withRecord(config, clock, (stores) => stores.authorities.list());
  const found = authorities.find((one) =>
    id === undefined ? one.state === 'active' : one.id === id,
  );
  if (!found) throw new StartFault('There is no such authority: everleaf ca list shows them.');
  const pem = [found.certificate, ...found.chain].map((der) =>
    encodePem('CERTIFICATE', Buffer.from(der, 'base64')),
  );
  const summary = summaryOf(found);
  output.show({
    value: { ...summary, pem: pem.join('') },
    text: `${formatTable(['FIELD', 'VALUE'], Object.entries(summary))}\n${pem.join('').trimEnd()}`,
  });
};

function summaryOf({ id, state, certificate, sealedKey }: StoredAuthority) {
  const facts = readCertificate(Buffer.from(certificate, 'base64'));
  return {
    id,
    state,
    subject: formatName(readName(facts.subject)),
    sha256: facts.sha256,
    notBefore: formatTime(facts.notBefore),
    notAfter: formatTime(facts.notAfter),
    key: sealedKey === null ? 'in a file of the operator' : 'sealed in the database',
  };
}
