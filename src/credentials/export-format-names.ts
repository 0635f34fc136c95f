/** The names of the forms in which credentials leave: of the route's `format` and of the command line's. */
export const exportFormatNames = ['pem', 'pkcs12', 'java'] as const;
export type ExportFormatName = (typeof exportFormatNames)[number];
