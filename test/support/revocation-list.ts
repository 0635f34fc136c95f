import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import request from 'supertest';
import type { TestGateway } from './gateway.js';
import { temporaryHome } from './gateway.js';
import { outputOf } from './run.js';

/** A revocation list as openssl reads it. */
export interface ReadList {
  readonly der: Buffer;
  readonly number: number;
  /** Serial numbers in lower-case hex without leading zeros. */
  readonly serials: readonly string[];
  readonly text: string;
}

/** The URL path under which a gateway serves its list. */
export async function listPath({ database }: TestGateway): Promise<string> {
  const { id } = await database.db
    .selectFrom('authorities')
    .select('id')
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow();
  return `/pki/${id}.crl`;
}

/** Fetches the list over plain HTTP, as a relying party does. */
export async function fetchList(gateway: TestGateway, path: string): Promise<Buffer> {
  const answer = await request(gateway.urls.pki).get(path).responseType('blob').expect(200);
  return Buffer.from(answer.body as Uint8Array);
}

/** The numbers of the current list and of the one that was signed last. */
export async function listNumbers({
  database,
}: TestGateway): Promise<{ current: number; number: number; this_update: number } | undefined> {
  return database.db
    .selectFrom('revocation_lists')
    .innerJoin(
      'signed_revocation_lists as signed',
      'signed.authority_id',
      'revocation_lists.authority_id',
    )
    .select(['revocation_lists.number as current', 'signed.number', 'signed.this_update'])
    .executeTakeFirst();
}

/** Looks at the record until a list of at least this time is signed and current, without asking for it. */
export async function untilListIsKept(
  gateway: TestGateway,
  { since }: { readonly since: number },
): Promise<number> {
  for (;;) {
    const numbers = await listNumbers(gateway);
    if (numbers?.current === numbers?.number && Number(numbers?.this_update) >= since)
      return Number(numbers?.number);
    // SQLite answers in the same turn: the keeper's timer has to have its own.
    await setImmediate();
  }
}

/** Verifies the list against the CA with openssl and reads it; throws where the signature is wrong. */
export async function readList(gateway: Pick<TestGateway, 'home'>, der: Buffer): Promise<ReadList> {
  const file = join(temporaryHome(), 'list.crl');
  await writeFile(file, der);
  const caFile = join(gateway.home, 'ca.crt');
  const words = ['crl', '-inform', 'DER', '-in', file, '-CAfile', caFile, '-verify', '-noout'];
  const text = await outputOf(['openssl', ...words, '-text']);
  const number = /X509v3 CRL Number:\s+(\d+)/.exec(text)?.[1];
  const serials = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)];
  return {
    der,
    number: Number(number),
    serials: serials.map(([, serial = '']) => plainSerial(serial)),
    text,
  };
}

/** A serial number without the leading zeros that some write and others do not. */
export function plainSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+/, '');
}
