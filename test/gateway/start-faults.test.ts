import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { describeOnPostgres } from '../support/databases.js';
import { expectStartFault, usedHomes } from '../support/used-home.js';

const placeOfItsOwn = usedHomes();

async function listening(): Promise<{ server: Server; address: string }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // it listens on TCP, so it is no pipe's name
  return { server, address: `127.0.0.1:${String(port)}` };
}

describe('a start whose database cannot be opened', () => {
  it('is refused for a file of something else', async () => {
    const place = placeOfItsOwn();
    const file = join(place.folder, 'garbage.db');
    writeFileSync(file, randomBytes(8192), { mode: 0o600 });

    const settings = { EVERLEAF_DATABASE_URL: `sqlite:${file}` };
    await expectStartFault({ place, settings, words: [file, 'not a database'] });
  });

  it('is refused for a directory', async () => {
    const place = placeOfItsOwn();
    const file = join(place.folder, 'directory');
    mkdirSync(file, { mode: 0o700 });

    const settings = { EVERLEAF_DATABASE_URL: `sqlite:${file}` };
    await expectStartFault({ place, settings, words: [file] });
  });

  it('is refused for a directory that is not there', async () => {
    const place = placeOfItsOwn();
    const file = join(place.folder, 'nowhere', 'everleaf.db');

    const settings = { EVERLEAF_DATABASE_URL: `sqlite:${file}` };
    await expectStartFault({ place, settings, words: [file] });
  });

  it.each(['127.0.0.1:1', 'localhost:1'])('is refused without PostgreSQL at %s', async (host) => {
    const place = placeOfItsOwn();

    await expectStartFault({
      place,
      settings: {
        EVERLEAF_DATABASE_URL: `postgres://user:PASSWORD@${host}/everleaf`,
        EVERLEAF_MASTER_KEY_FILE: join(place.home, 'master.key'),
      },
      words: ['EVERLEAF_DATABASE_URL', 'ECONNREFUSED'],
    });
  });
});

describe('a start whose client secret cannot be read', () => {
  it.each(['absent', 'empty'])('is refused: %s', async (state) => {
    const place = placeOfItsOwn();
    const file = join(place.folder, 'openid.secret');
    if (state === 'empty') writeFileSync(file, '\n');

    const settings = {
      EVERLEAF_OPENID_ISSUER: 'https://login.example.com',
      EVERLEAF_OPENID_CLIENT_ID: 'everleaf',
      EVERLEAF_OPENID_CLIENT_SECRET_FILE: file,
    };
    await expectStartFault({
      place,
      settings,
      words: [file, 'EVERLEAF_OPENID_CLIENT_SECRET_FILE'],
    });
  });
});

describeOnPostgres('a start on a PostgreSQL without the database', (fresh) => {
  it('is refused', async () => {
    const place = placeOfItsOwn();
    const { url } = await fresh();

    await expectStartFault({
      place,
      settings: {
        EVERLEAF_DATABASE_URL: `${url}_missing`,
        EVERLEAF_MASTER_KEY_FILE: join(place.home, 'master.key'),
      },
      words: ['EVERLEAF_DATABASE_URL', 'does not exist'],
    });
  });
});

describe('a start whose master key does not serve', () => {
  const damages: readonly (readonly [string, (file: string) => void, string])[] = [
    [
      'another',
      (file) => writeFileSync(file, `${randomBytes(32).toString('base64')}\n`),
      'restore',
    ],
    ['missing', (file) => rmSync(file), 'is missing'],
    ['cut', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20)), '32 bytes'],
    ['empty', (file) => writeFileSync(file, ''), '32 bytes'],
    ['open to others', (file) => chmodSync(file, 0o644), 'chmod 600'],
  ];

  it.each(damages)('is refused: %s', async (_name, damage, word) => {
    const place = placeOfItsOwn();
    damage(join(place.home, 'master.key'));

    await expectStartFault({ place, settings: {}, words: ['master key', word] });
  });

  it('is refused: the file that the setting names is not there', async () => {
    const place = placeOfItsOwn();
    const file = join(place.folder, 'nowhere.key');

    const settings = { EVERLEAF_MASTER_KEY_FILE: file };
    await expectStartFault({ place, settings, words: [file, 'is missing'] });
  });
});

/** A home of another owner is worth a warning of its own, before the sentence that ends the start. */
const withoutWarnings = { EVERLEAF_LOG_LEVEL: 'error' };

describe('a start without room', () => {
  it.each(['GATEWAY', 'ADMIN', 'PKI'])('is refused when the port of %s is in use', async (name) => {
    const { server, address } = await listening();
    const variable = `EVERLEAF_${name}_LISTEN`;
    try {
      await expectStartFault({
        place: placeOfItsOwn(),
        settings: { [variable]: address },
        words: [variable, address, 'in use'],
      });
    } finally {
      server.close();
    }
  });

  it('is refused when its home cannot be made', async () => {
    const place = placeOfItsOwn();
    writeFileSync(join(place.folder, 'file'), '');
    const home = join(place.folder, 'file', 'home');

    const settings = { EVERLEAF_HOME: home };
    await expectStartFault({ place, settings, words: ['EVERLEAF_HOME', home] });
  });

  it('is refused when its home may not be written', async () => {
    const place = placeOfItsOwn();
    chmodSync(place.folder, 0o755);
    const home = join(place.folder, 'closed');
    mkdirSync(home, { mode: process.getuid?.() === 0 ? 0o755 : 0o555 });

    const settings = { EVERLEAF_HOME: home, ...withoutWarnings };
    await expectStartFault({ place, settings, words: [home], asNobody: true });
  });

  it('is refused when the files of its home belong to somebody else', async () => {
    if (process.getuid?.() !== 0) return;
    const place = placeOfItsOwn();
    chmodSync(place.folder, 0o755);
    chmodSync(place.home, 0o755);

    const settings = withoutWarnings;
    await expectStartFault({ place, settings, words: [place.home], asNobody: true });
    expect(readFileSync(join(place.home, 'master.key')).length).toBeGreaterThan(0);
  });
});
