import type { RandomBytes } from '../edges.js';
import { exportPem } from './credential-files.js';
import type { ExportCredentials } from './credential-files.js';
import { makeExportJava } from './export-java.js';
import { makeExportPkcs12 } from './export-pkcs12.js';

/** The names of the forms in which credentials leave: of the route's `format` and of the command line's. */
export const exportFormatNames = ['pem', 'pkcs12', 'java'] as const;
export type ExportFormatName = (typeof exportFormatNames)[number];

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
