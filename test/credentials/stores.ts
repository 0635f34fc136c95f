import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { readPemBlocks } from '../../src/pki/pem.js';
import { run } from '../support/run.js';
import type { Ended } from '../support/run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'everleaf-stores-'));
  folders.push(folder);
  return folder;
}

/** Writes files into a folder over those of the same name. */
export function writeInto(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** A store on disk, and the password to open it with. */
export interface StoreFile {
  readonly folder: string;
  readonly name: 'client.keystore.p12' | 'client.truststore.p12' | 'service.p12';
  readonly password: string;
}

/** What openssl says of a store; its private key unencrypted. */
export function readByOpenssl({ folder, name, password }: StoreFile): Promise<Ended> {
  const args = ['-in', name, '-passin', `pass:${password}`, '-noenc', '-info'];
  return run(['openssl', 'pkcs12', ...args], { cwd: folder });
}

/** For a run of half a second: no second compiler, no threads to collect garbage, and English. */
const quickly = ['XX:TieredStopAtLevel=1', 'XX:+UseSerialGC', 'Duser.language=en'].map(
  (option) => `-J-${option}`,
);

/** What Java says of a store, certificates in PEM. */
export function readByKeytool({ folder, name, password }: StoreFile): Promise<Ended> {
  const args = ['-rfc', '-keystore', name, '-storepass', password];
  return run(['keytool', ...quickly, '-list', ...args], { cwd: folder });
}

/** The contents of the PEM blocks of a label in what a tool printed, in hex. */
export function blocksOf(printed: string, label = 'CERTIFICATE'): readonly string[] {
  return readPemBlocks(printed)
    .filter((block) => block.label === label)
    .map(({ der }) => Buffer.from(der).toString('hex'));
}
