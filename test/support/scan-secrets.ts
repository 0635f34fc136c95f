import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import type { TestGateway } from './gateway.js';

/** Something that was kept or sent, and its bytes. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What must not be found, under the name by which it is complained of. */
export type Secrets = Readonly<Record<string, Buffer | string>>;

/** Where which secret was found, as `secret: place`. */
export function foundIn(places: readonly Place[], secrets: Secrets): string[] {
  return places.flatMap(({ name, bytes }) =>
    Object.entries(secrets)
      .filter(([, secret]) => bytes.includes(secret))
      .map(([secret]) => `${secret}: ${name}`),
  );
}

/** All forms in which the private key of a P-256 pair could be kept by mistake. */
export function formsOfKey(keyPem: string): Secrets {
  const key = createPrivateKey(keyPem);
  const scalarText = key.export({ format: 'jwk' }).d ?? '';
  const scalar = Buffer.from(scalarText, 'base64url');
  const body = keyPem.replace(/-----[^-]+-----|\s/g, '');
  return {
    // The rest of it is the public key, which certificates have, too.
    'line 1 of the PEM': body.slice(0, 64),
    'line 2 of the PEM': body.slice(64, 128),
    'the PEM in base64': Buffer.from(keyPem).toString('base64').slice(40, 160),
    'the DER': key.export({ format: 'der', type: 'pkcs8' }),
    'the DER in hexadecimal': key.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
    'the scalar': scalar,
    'the scalar in base64url': scalarText,
    'the scalar in base64': scalar.toString('base64'),
    'the scalar in hexadecimal': scalar.toString('hex'),
  };
}

/** Every row of every table, every line that was logged, and every file in home and beside an embedded database. */
export async function everythingKept(gateway: TestGateway): Promise<Place[]> {
  return [
    ...(await rowsOf(gateway)),
    {
      name: 'the log',
      bytes: Buffer.from(inspect(gateway.logs, { depth: 9, maxStringLength: null })),
    },
    ...filesOf(gateway),
  ];
}

async function rowsOf({ database: { db } }: TestGateway): Promise<Place[]> {
  const tables = await db.introspection.getTables();
  return Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
      return { name: `table ${name}`, bytes: Buffer.from(JSON.stringify(rows)) };
    }),
  );
}

function filesOf({ home, settings }: TestGateway): Place[] {
  const url = settings['EVERLEAF_DATABASE_URL'] ?? '';
  const folders = url.startsWith('sqlite:')
    ? [home, join(url.slice('sqlite:'.length), '..')]
    : [home];
  return folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => ({ name: `file ${name}`, bytes: readFileSync(join(folder, name)) })),
  );
}
