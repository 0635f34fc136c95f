/** What a certificate is for, as it stands on record: decides on which routes its holder is served. */
export const certificateKinds = [
  'application',
  'runtime',
  'service-user',
  'service',
  'server',
  'ocsp',
] as const;
export type CertificateKind = (typeof certificateKinds)[number];

/** Those whose holders come by token and renew by themselves. */
export const clientKinds = ['application', 'runtime'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Whether a word from the record or the command line is a kind. */
export function isCertificateKind(word: string): word is CertificateKind {
  return certificateKinds.some((kind) => kind === word);
}

/** Whether certificates of this kind belong to clients. */
export function isClientKind(word: string): word is ClientKind {
  return clientKinds.some((kind) => kind === word);
}
