/** What a certificate is for, as it stands on record: decides on which routes its holder is served. */
export const certificateKinds = ['application', 'server', 'ocsp'] as const;
export type CertificateKind = (typeof certificateKinds)[number];

/** Whether a word from the record or the command line is a kind. */
export function isCertificateKind(word: string): word is CertificateKind {
  return certificateKinds.some((kind) => kind === word);
}

/** Those that the gateway makes for itself, and makes anew by itself. */
export const ownKinds: readonly CertificateKind[] = ['server', 'ocsp'];
