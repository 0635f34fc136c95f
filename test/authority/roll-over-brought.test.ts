import { describe, expect, it } from '@jest/globals';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring, makeIssued, makeRoot } from '../support/authority-files.js';
import type { CertifiedKey } from '../support/authority-files.js';
import { commandLine } from '../support/command-line.js';
import { pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import {
  caFileOf,
  idOf,
  idsIn,
  renewed,
  rotate,
  serverIssuer,
  statesOf,
} from '../support/roll-over.js';

const idOfFile = ({ certFile }: CertifiedKey): string =>
  idsIn(readFileSync(certFile, 'utf8'))[0] ?? '';

const optionsOf = ({ certFile, keyFile }: CertifiedKey): string =>
  `--cert-file ${certFile} --key-file ${keyFile}`;

const noFiles = { EVERLEAF_CA_CERT_FILE: '', EVERLEAF_CA_KEY_FILE: '', EVERLEAF_CA_CHAIN_FILE: '' };

/** A roll-over within one second: the clock must not run ahead of that of openssl and the TLS clients. */
async function rollFrom(gateway: TestGateway): Promise<string> {
  const { id } = await rotate(gateway, 'prepare');
  await rotate(gateway, 'activate');
  return id;
}

describe('a next authority that the operator brings', () => {
  it('is prepared with its chain, sealed, and signs once it is active, without its files', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root' });
    const middle = await makeIssued({ folder, name: 'Middle', issuer: root });
    const issuing = await makeIssued({ folder, name: 'Issuing', issuer: middle });
    const chain = join(folder, 'chain.crt');
    writeFileSync(chain, [middle, root].map((one) => readFileSync(one.certFile, 'utf8')).join(''));
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const old = await idOf(gateway, 'active');
    const ids = [issuing, middle, root].map(idOfFile);

    const { id } = await rotate(gateway, `prepare ${optionsOf(issuing)} --chain-file ${chain}`);
    expect(id).toBe(ids[0]);
    expect(idsIn((await renewed(gateway, holder)).bundle)).toEqual([old, ...ids]);
    expect(idsIn(caFileOf(gateway))).toEqual([old, ids[2]]);
    await rotate(gateway, 'activate');

    const again = await gateway.restart();
    const answer = await renewed(again, holder);
    expect(answer.issuer).toBe(id);
    expect(idsIn(answer.bundle)).toEqual([...ids, old]);
    const rows = again.database.db.selectFrom('authorities').select('sealed_key');
    expect(JSON.stringify(await rows.execute())).not.toContain('PRIVATE');
    expect((await rows.execute()).every(({ sealed_key: key }) => key !== null)).toBe(true);
  });

  it('is refused where its key is a client’s, or it is on record already; nothing is kept', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root' });
    const stolen = await makeRoot({ folder, name: 'stolen' });
    const gateway = await startTestGateway(bring(root));
    const before = await rowCounts(gateway);
    await expect(rotate(gateway, `prepare ${optionsOf(root)}`)).rejects.toThrow(
      `Authority ${idOfFile(root)} is on record already.`,
    );
    await gateway.database.db
      .insertInto('public_keys')
      .values({
        spki_sha256: spkiSha256Of(stolen),
        kind: 'application',
        holder: 'app',
        compromised_at: null,
      })
      .execute();
    await expect(rotate(gateway, `prepare ${optionsOf(stolen)}`)).rejects.toThrow(
      /^--cert-file: a key of this authority or its chain is a client's/,
    );
    expect(await rowCounts(gateway)).toEqual({
      ...before,
      public_keys: (before['public_keys'] ?? 0) + 1,
    });
    expect(await statesOf(gateway)).toEqual(['active']);
  });

  it('is refused where the files do not fit, in the words of the options', async () => {
    const folder = temporaryHome();
    const [one, other] = [
      await makeRoot({ folder, name: 'one' }),
      await makeRoot({ folder, name: 'other' }),
    ];
    const gateway = await startTestGateway();
    const mixed = { certFile: one.certFile, keyFile: other.keyFile };
    await expect(rotate(gateway, `prepare ${optionsOf(mixed)}`)).rejects.toThrow(
      `--key-file: the key in ${other.keyFile} does not fit the certificate in ${one.certFile}.`,
    );
    expect(await statesOf(gateway)).toEqual(['active']);
  });
});

function spkiSha256Of({ certFile }: CertifiedKey): string {
  const { publicKey } = new X509Certificate(readFileSync(certFile, 'utf8'));
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex');
}

describe('a roll-over away from an authority in files', () => {
  it('is not undone by a restart with the same settings, and clients of the old file go on', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const gateway = await startTestGateway(bring(root));
    const oldFile = gateway.ca;
    const holder = await pair(gateway);
    const next = await rollFrom(gateway);
    expect(await serverIssuer(gateway)).toBe(idOfFile(root));
    expect((await renewed(gateway, holder, oldFile)).issuer).toBe(next);

    const again = await gateway.restart();

    expect((await statesOf(again)).toSorted()).toEqual(['active', 'retiring']);
    expect(await serverIssuer(again)).toBe(idOfFile(root));
    expect((await renewed(again, holder, oldFile)).issuer).toBe(next);
    expect(again.logs).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'EVERLEAF_CA_CERT_FILE names an authority that is not the active one any more',
      }),
    );
  });

  it('names the root of the server certificate with a token while the old one signs it', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const gateway = await startTestGateway(bring(root));
    const before = gateway.caSha256;
    await rollFrom(gateway);
    const { caSha256 } = await commandLine<{ caSha256: string }>(gateway, 'token create app');
    expect(caSha256).toBe(before);
    const without = { ...gateway, settings: { ...gateway.settings, ...noFiles } };
    const other = await commandLine<{ caSha256: string }>(without, 'token create app');
    expect(other.caSha256.slice(0, 16)).toBe(await idOf(gateway, 'active'));
  });

  it('can be turned back while the settings name it, and not without', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const gateway = await startTestGateway(bring(root));
    const holder = await pair(gateway);
    await rollFrom(gateway);
    const without = { ...gateway, settings: { ...gateway.settings, ...noFiles } };
    await expect(rotate(without, `activate ${idOfFile(root)}`)).rejects.toThrow(
      'set EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE to its files to make it active.',
    );
    await rotate(gateway, `activate ${idOfFile(root)}`);
    expect((await renewed(gateway, holder)).issuer).toBe(idOfFile(root));
    expect((await renewed(await gateway.restart(), holder)).issuer).toBe(idOfFile(root));
  });

  it('goes on without the files: the active one signs, the server certificate moves to it', async () => {
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const gateway = await startTestGateway(bring(root));
    const holder = await pair(gateway);
    const next = await rollFrom(gateway);
    const again = await gateway.restart(noFiles);
    expect(await serverIssuer(again)).toBe(next);
    expect((await renewed(again, holder)).issuer).toBe(next);
  });

  it('flips once when the settings name other files, and not again after the next roll-over', async () => {
    const folder = temporaryHome();
    const [one, other] = [
      await makeRoot({ folder, name: 'one' }),
      await makeRoot({ folder, name: 'other' }),
    ];
    const gateway = await startTestGateway(bring(one));
    const holder = await pair(gateway);
    const second = await gateway.restart(bring(other));
    expect((await renewed(second, holder)).issuer).toBe(idOfFile(other));
    const next = await rollFrom(second);
    const third = await second.restart();
    expect((await renewed(third, holder)).issuer).toBe(next);
    // Back to the first files is a change of the settings again.
    const fourth = await third.restart(bring(one));
    expect((await renewed(fourth, holder)).issuer).toBe(idOfFile(one));
    expect((await statesOf(fourth)).toSorted()).toEqual(['active', 'retiring', 'retiring']);
  });

  it.each([
    ['retired', (id: string) => `rotate retire ${id}`],
    ['revoked', (id: string) => `revoke ${id}`],
  ])('does not start with files of one that was %s meanwhile', async (_state, words) => {
    const folder = temporaryHome();
    const [one, other] = [
      await makeRoot({ folder, name: 'one' }),
      await makeRoot({ folder, name: 'other' }),
    ];
    const gateway = await startTestGateway(bring(one));
    const second = await gateway.restart(bring(other));
    second.clock.advance(60);
    await commandLine(second, `ca ${words(idOfFile(one))}`);
    await expect(second.restart(bring(one))).rejects.toThrow(
      `EVERLEAF_CA_CERT_FILE: authority ${idOfFile(one)} has been retired or revoked, which is for good`,
    );
    const third = await second.restart(bring(other));
    expect(await idOf(third, 'active')).toBe(idOfFile(other));
  });
});
