/** A file that a client needs. */
export interface CredentialFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** A pair that fits, and what verifies it. */
export interface Credentials {
  readonly username: string;
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
  /** One or several blocks. */
  readonly caPem: string;
}

/** What there is of a pair whose key its holder made. */
export type KeylessCredentials = Omit<Credentials, 'keyPem'>;

/** The files of one format. */
export type ExportCredentials = (
  credentials: Credentials,
) => readonly CredentialFile[] | Promise<readonly CredentialFile[]>;

/** PEM, under the names that `avn service user-creds-download` gives them. */
export const exportPem: ExportCredentials = ({ caPem, certificatePem, keyPem }) => [
  { name: 'ca.pem', content: caPem },
  { name: 'service.cert', content: certificatePem },
  { name: 'service.key', content: keyPem },
];

/** The same without the key, which is with its holder. */
export function exportKeyless({
  caPem,
  certificatePem,
}: KeylessCredentials): readonly CredentialFile[] {
  return [
    { name: 'ca.pem', content: caPem },
    { name: 'service.cert', content: certificatePem },
  ];
}

/** What is said with it. */
export const keyIsElsewhere = 'The key is with its holder: put these files beside it.';
