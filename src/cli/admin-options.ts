import { InvalidArgumentError } from 'commander';
import type { Command as Program } from 'commander';
import { isPlainUrl, withoutSlashes } from '../plain-url.js';

/** Gives a command the options of one who calls the admin listener as a person. */
export function withAdminOptions(command: Program): Program {
  return command
    .option('--url <url>', 'the admin listener (default: EVERLEAF_ADMIN_URL)', readUrl)
    .option(
      '--cacert <file>',
      'CAs that may have issued its certificate (default: EVERLEAF_CACERT)',
    )
    .option(
      '--token-file <file>',
      'your token, as `people token` made it (default: EVERLEAF_TOKEN)',
    )
    .option('--organization <id>', 'of which organization (default: the only one of yours)');
}

function readUrl(text: string): string {
  const url = withoutSlashes(text);
  if (isPlainUrl(url, ['https:', 'http:'])) return url;
  throw new InvalidArgumentError('It must be a URL such as https://everleaf.example.com:9443.');
}
