import { InvalidArgumentError, Option } from 'commander';
import type { Command as Program } from 'commander';
import { revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Run } from './context.js';
import { later } from './later.js';
import { readCount } from './read-count.js';

const listCertificatesCommand = later(
  async () => (await import('./certificate.js')).listCertificatesCommand,
);
const revokeCertificateCommand = later(
  async () => (await import('./certificate.js')).revokeCertificateCommand,
);
const showCertificateCommand = later(
  async () => (await import('./certificate.js')).showCertificateCommand,
);
const hintRenewalCommand = later(
  async () => (await import('./certificate-hint.js')).hintRenewalCommand,
);
const denyCertificatesCommand = later(
  async () => (await import('./deny-certificates.js')).denyCertificatesCommand,
);

/** `everleaf certificate ...` as a table. */
export function addCertificateCommands(program: Program, run: Run): void {
  const certificate = program.command('certificate').description('certificates on record');
  certificate
    .command('list')
    .description('certificates that have not expired, those that end first at the top')
    .option('--holder <name>', 'only those of one holder')
    .option('--expired', 'expired ones too')
    .option('--limit <number>', 'how many', readCount, 50)
    .action(({ holder, limit, expired }: { holder?: string; limit: number; expired?: true }) =>
      run(listCertificatesCommand, { holder, limit, withExpired: expired === true }),
    );
  certificate
    .command('show')
    .description('one certificate')
    .argument('<name>', nameOfCertificate, readHexPrefix)
    .action((name: string) => run(showCertificateCommand, { name }));
  certificate
    .command('revoke')
    .description('revoke a certificate; keyCompromise takes all that was renewed from it along')
    .argument('<name>', nameOfCertificate, readHexPrefix)
    .addOption(
      new Option('--reason <reason>', 'reason name of RFC 5280')
        .choices(Object.keys(revocationReasons))
        .default('unspecified'),
    )
    .action((name: string, { reason }: { reason: RevocationReason }) =>
      run(revokeCertificateCommand, { name, reason }),
    );
  addHintCommand(certificate, run);
  certificate
    .command('deny')
    .description('revoke certificates that may not be on record, before they are adopted')
    .argument('<file>', 'SHA-256 values, one a line, or a ConfigMap as JSON; - for standard input')
    .action((file: string) => run(denyCertificatesCommand, { file }));
}

function addHintCommand(certificate: Program, run: Run): void {
  certificate
    .command('hint')
    .description('ask holders to renew at once: their suggested window moves into the past')
    .argument('[name]', nameOfCertificate, readHexPrefix)
    .option('--holder <name>', 'all certificates of one holder')
    .option('--authority <id>', 'all certificates of one authority')
    .action(
      (
        name: string | undefined,
        { holder, authority }: { holder?: string; authority?: string },
        command: Program,
      ) => {
        const given = [name, holder, authority].filter((one) => one !== undefined);
        if (given.length !== 1)
          command.error('error: name one certificate, or one --holder, or one --authority');
        return run(hintRenewalCommand, { name, holder, authorityId: authority });
      },
    );
}

const nameOfCertificate = 'its SHA-256 or serial number in hex, or the beginning of it';

function readHexPrefix(text: string): string {
  const prefix = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{6,64}$/.test(prefix)) return prefix;
  throw new InvalidArgumentError('It must be hex digits, at least six of them.');
}
