import type { RandomBytes } from '../edges.js';
import { exportPem } from './credential-files.js';
import type { ExportCredentials } from './credential-files.js';
import type { ExportFormatName } from './export-format-names.js';
import { makeExportJava } from './export-java.js';
import { makeExportPkcs12 } from './export-pkcs12.js';

/** One way to write credentials for each name. */
export function makeExportFormats(
  random: RandomBytes,
): Readonly<Record<ExportFormatName, ExportCredentials>> {
  return {
    pem: exportPem,
    pkcs12: makeExportPkcs12(random),
    java: makeExportJava(random),
  };
}
