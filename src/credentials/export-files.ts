import { Failure } from '../failure.js';
import { exportKeyless, keyIsElsewhere } from './credential-files.js';
import type { CredentialFile, ExportCredentials } from './credential-files.js';
import type { ReadCredentials, ReadKeyless } from './read-credentials.js';
import type { ServiceUser } from './service-user.js';

/** All of one moment, so that they fit each other; `message` where one of them is missing. */
export interface ExportedFiles {
  readonly message?: string;
  readonly files: readonly CredentialFile[];
}

/** The credentials of a user in a format. Throws Failure `field-invalid`, `state-conflict`. */
export type ExportFiles = (user: ServiceUser, format: unknown) => Promise<ExportedFiles>;

/** Reads them once and writes them as the format of that name says. */
export function makeExportFiles(edges: {
  readonly readCredentials: ReadCredentials;
  readonly readKeyless: ReadKeyless;
  /** By the name that `format` asks for. */
  readonly exportFormats: Readonly<Record<string, ExportCredentials>>;
}): ExportFiles {
  const { readCredentials, readKeyless, exportFormats } = edges;
  return async (user, format) => {
    const exportFiles =
      typeof format === 'string' && Object.hasOwn(exportFormats, format)
        ? exportFormats[format]
        : undefined;
    if (!exportFiles) {
      const names = Object.keys(exportFormats).join(', ');
      throw new Failure('field-invalid', `format has to be one of ${names}.`);
    }
    const keyless = format === 'pem' ? await readKeyless(user) : undefined;
    if (keyless) return { message: keyIsElsewhere, files: exportKeyless(keyless) };
    return { files: await exportFiles(await readCredentials(user)) };
  };
}
