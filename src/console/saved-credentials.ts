import type { CredentialFile } from '../credentials/credential-files.js';
import type { RevealedCredentials } from '../governance/reveal-credentials.js';
import { describeRevealed } from '../governance/rotation-answers.js';

/** A file that the page holds. */
interface HeldFile {
  readonly name: string;
  /** `data:`, so that nothing is asked for again. */
  readonly href: string;
}

interface SavedCredentials {
  readonly fields: readonly {
    readonly id: string;
    readonly label: string;
    readonly text: string;
  }[];
  readonly everything: HeldFile;
  readonly forms: readonly { readonly label: string; readonly files: readonly HeldFile[] }[];
}

/** What the page of new credentials shows and lets be saved: all of it is in the page already. */
export function savingOf(revealed: RevealedCredentials): SavedCredentials {
  const { password, certificatePem, keyPem, caPem, files } = revealed;
  const everything = `${JSON.stringify(describeRevealed(revealed), null, 2)}\n`;
  return {
    fields: [
      { id: 'password', label: 'Password', text: password },
      { id: 'access-certificate', label: 'Access certificate', text: certificatePem },
      { id: 'access-key', label: 'Access key', text: keyPem },
      { id: 'ca-certificate', label: 'CA certificate', text: caPem },
    ],
    everything: linkOf({ name: 'credentials.json', content: everything }),
    forms: [
      {
        label: 'PEM',
        files: files.filter(({ name }) => /\.(pem|cert|key)$/.test(name)).map(linkOf),
      },
      {
        label: 'PKCS #12 and Java',
        files: files.filter(({ name }) => name.startsWith('client.')).map(linkOf),
      },
    ],
  };
}

function linkOf({ name, content }: CredentialFile): HeldFile {
  const base64 = Buffer.from(content).toString('base64');
  return { name, href: `data:application/octet-stream;base64,${base64}` };
}
