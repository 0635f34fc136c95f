import type { StoredAuthority } from '../authority/authority-store.js';
import { readAuthority } from '../authority/authority.js';
import { formatName, readName } from '../pki/names.js';
import { encodePem } from '../pki/pem.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf ca list` */
export const listAuthoritiesCommand: Command<object> = async ({ config, clock, output }) => {
  const stored = await withRecord(config, clock, (stores) => stores.authorities.list());
  const authorities = stored.map(factsOf);
  output.show({
    value: authorities.map(summaryOf),
    text: formatTable(
      ['ID', 'STATE', 'SUBJECT', 'NOT AFTER', 'KEY'],
      authorities.map(({ id, state, subject, notAfter, key }) => [
        id,
        state,
        subject,
        formatTime(notAfter),
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
  if (!found) {
    throw new StartFault(
      `There is no ${id === undefined ? 'active authority' : `authority ${id}`}: everleaf ca list shows them.`,
    );
  }
  const facts = factsOf(found);
  const summary = summaryOf(facts);
  const pem = [found.certificate, ...found.chain]
    .map((der) => encodePem('CERTIFICATE', Buffer.from(der, 'base64')))
    .join('');
  output.show({
    value: { ...summary, pem },
    text: `${formatFields({
      ...summary,
      notBefore: formatTime(facts.notBefore),
      notAfter: formatTime(facts.notAfter),
    })}\n\n${pem.trimEnd()}`,
  });
};

function summaryOf(facts: ReturnType<typeof factsOf>) {
  return { ...facts, notBefore: rfc3339(facts.notBefore), notAfter: rfc3339(facts.notAfter) };
}

function factsOf(stored: StoredAuthority) {
  const { id, certificate, sealedKey, revokedAt } = readAuthority(stored);
  const { subject, sha256, notBefore, notAfter } = certificate;
  const state = revokedAt === null ? stored.state : `${stored.state}, revoked`;
  return {
    id,
    state,
    subject: formatName(readName(subject)),
    sha256,
    notBefore,
    notAfter,
    key: sealedKey === null ? 'in a file of the operator' : 'sealed in the database',
  };
}
