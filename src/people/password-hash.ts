import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { RandomBytes } from '../edges.js';

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

/**
 * The cost of a password that a person chose, as log2 of scrypt's N (RFC 7914 2): 128 MiB and a good part of a second.
 * One that was drawn here has 144 random bits, which nobody guesses at any price, so it is stored at the low cost
 * until it is used for the first time.
 */
const costs = { chosen: 17, drawn: 10 } as const;
type Cost = (typeof costs)[keyof typeof costs];

const blockSize = 8;
const saltBytes = 16;
const hashBytes = 32;

interface StoredHash {
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** A new hash with its parameters and an own salt, as one text. */
export async function hashPassword(
  password: string,
  origin: keyof typeof costs,
  random: RandomBytes,
): Promise<string> {
  const salt = random(saltBytes);
  return format({ cost: costs[origin], salt, hash: await compute(password, costs[origin], salt) });
}

/** What a comparison found; `renewed` is to be stored where the stored hash was cheaper than it should be now. */
export interface Comparison {
  readonly isRight: boolean;
  readonly renewed: string | undefined;
}

/**
 * Compares a password with a stored hash, or with nothing. Every cost is computed whatever is stored, so that the time
 * tells neither whether there is such a user nor where the password came from.
 */
export async function comparePassword(
  password: string,
  stored: string | null,
  random: RandomBytes,
): Promise<Comparison> {
  const kept = stored === null ? undefined : parse(stored);
  const [low, full] = [
    await computeFor(password, costs.drawn, kept ?? { salt: random(saltBytes) }),
    await computeFor(
      password,
      costs.chosen,
      kept?.cost === costs.chosen ? kept : { salt: random(saltBytes) },
    ),
  ];
  const candidate = kept?.cost === costs.chosen ? full : low;
  const isRight = kept !== undefined && timingSafeEqual(candidate.hash, kept.hash);
  return { isRight, renewed: isRight && candidate !== full ? format(full) : undefined };
}

async function computeFor(
  password: string,
  cost: Cost,
  { salt }: Pick<StoredHash, 'salt'>,
): Promise<StoredHash> {
  return { cost, salt, hash: await compute(password, cost, salt) };
}

/** Keyboards spell the same letters in more than one way: NFKC makes them one. */
async function compute(password: string, cost: Cost, salt: Uint8Array): Promise<Uint8Array> {
  const blocks = 2 ** cost;
  return derive(password.normalize('NFKC'), salt, hashBytes, {
    N: blocks,
    r: blockSize,
    p: 1,
    maxmem: 128 * blockSize * (blocks + 1024),
  });
}

function format({ cost, salt, hash }: StoredHash): string {
  return `$scrypt$ln=${String(cost)},r=${String(blockSize)},p=1$${base64(salt)}$${base64(hash)}`;
}

function parse(text: string): StoredHash {
  const [, ln, salt = '', hash = ''] =
    /^\$scrypt\$ln=([0-9]{1,2}),r=8,p=1\$([\w-]{22})\$([\w-]{43})$/.exec(text) ?? [];
  const cost = Object.values(costs).find((one) => String(one) === ln);
  if (cost === undefined) throw new Error('a password hash has a form that is not known here');
  return {
    cost,
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
