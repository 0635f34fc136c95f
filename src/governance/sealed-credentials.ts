import { createSecretKey } from 'node:crypto';
import { z } from 'zod';
import type { RandomBytes } from '../edges.js';
import type { MasterKey } from '../storage/master-key.js';
import { makeSealing } from '../storage/sealing.js';
import type { Sealing } from '../storage/sealing.js';

/** What a request made, and a reveal hands out. */
export type NewCredentials = z.output<typeof newCredentials>;

const newCredentials = z.object({
  password: z.string(),
  /** PKCS#8, PEM. */
  keyPem: z.string(),
  /** DER, base64. */
  certificate: z.string(),
  sha256: z.string(),
  /** Seconds UTC. */
  notAfter: z.int(),
});

/** The same as a row keeps it. */
export interface SealedCredentials {
  readonly sealedDataKey: string;
  readonly sealedCredentials: string;
}

/** Seals each result under a data key of its own, which is destroyed with it. */
export interface CredentialSealing {
  seal(credentials: NewCredentials, rotationId: string): SealedCredentials;
  /** Throws where the key or the row is another one. */
  open(sealed: SealedCredentials, rotationId: string): NewCredentials;
}

/** Under the master key stands the data key alone: whoever erases that has erased the credentials. */
export function makeCredentialSealing(
  masterKey: MasterKey,
  random: RandomBytes,
): CredentialSealing {
  return {
    seal: (credentials, rotationId) => {
      const dataKey = random(32);
      const plain = Buffer.from(JSON.stringify(credentials), 'utf8');
      const sealed = {
        sealedDataKey: masterKey.seal(dataKey, place(rotationId, 'data-key')),
        sealedCredentials: under(dataKey, random).seal(plain, place(rotationId, 'credentials')),
      };
      plain.fill(0);
      dataKey.fill(0);
      return sealed;
    },
    open: ({ sealedDataKey, sealedCredentials }, rotationId) => {
      const dataKey = masterKey.unseal(sealedDataKey, place(rotationId, 'data-key'));
      const plain = under(dataKey, random).unseal(
        sealedCredentials,
        place(rotationId, 'credentials'),
      );
      dataKey.fill(0);
      return newCredentials.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
    },
  };
}

function under(dataKey: Uint8Array, random: RandomBytes): Sealing {
  return makeSealing(createSecretKey(dataKey), random);
}

function place(row: string, purpose: string) {
  return { table: 'rotation_requests', row, purpose };
}
