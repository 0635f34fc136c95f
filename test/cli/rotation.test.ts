import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOutput } from '../../src/cli/output.js';
import { makeProgram } from '../../src/cli/program.js';
import { readConfig } from '../../src/config.js';
import { StartFault } from '../../src/start-fault.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { approvedRotation, askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addOrganization } from '../support/people.js';
import type { Ended } from '../support/run.js';
import { eventsOf } from '../support/record.js';
import { verifyTogether } from '../support/verify.js';
import { commandsOf } from './as-person.js';

/** The one sentence with which the command line ends, in this process. */
async function sentenceOf(
  settings: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<string> {
  const program = makeProgram({
    version: '',
    openContext: () =>
      Promise.resolve({
        config: readConfig(settings),
        clock: () => 0,
        random: (length) => randomBytes(length),
        log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
        output: makeOutput({ isJson: false, write: ignore }),
        actor: 'cli:test',
      }),
    serve: () => Promise.resolve(),
  });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof StartFault) return error.message;
    throw error;
  }
  throw new Error('the command has done what it should refuse');
}

const ignore = (): void => undefined;

const done = { code: 0, stderr: '' };
const refused = (sentence: string): Ended => ({
  code: 1,
  stdout: '',
  stderr: `everleaf: ${sentence}\n`,
});

/** The request that is pending, with its access, as the commands take them. */
async function ask(governed: Governed, body?: object): Promise<readonly [string, string]> {
  return [governed.access, (await askForRotation(governed, body)).slice(1)];
}

describe('everleaf rotation', () => {
  it('SU-G1, SU-G4, SU-G9: is the whole story, by two people', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, access, ann, ben } = governed;
    const { as, answering } = commandsOf(governed);
    const message = 'stolen\n\rRequester  eve@example.com \u{1f9d1}\u200d\u{1f4bb}';

    const asked = await as(ann, 'rotation', 'request', access, '--message', message);

    expect(asked).toMatchObject(done);
    const id = /rotation approve \S+ (rot[0-9a-f]+)$/m.exec(asked.stdout)?.[1] ?? '';
    const name = [access, id] as const;
    const [own, none, listed, shown] = await Promise.all([
      as(ann, 'rotation', 'approve', ...name, '--yes'),
      answering(ben, '', 'rotation', 'approve', ...name),
      as(ben, 'rotation', 'show', ...name),
      as(ben, 'rotation', 'show', ...name, '--json'),
    ]);
    expect(own).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\neverleaf: Another member of the owner group has to decide/),
    });
    expect(none).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /Approve\? \[y\/N\] everleaf: Not approved: the request stays as it is\.\n$/,
      ),
    });
    expect(listed.stdout).toMatch(/^Service user +p1\/kafka-1\/orders$/m);
    expect(listed.stdout).toMatch(/^Rights +Read orders\.v1$/m);
    // A message neither moves the cursor nor passes for a line of its own.
    expect(listed.stdout).toMatch(
      /^Message +stolen\n {18}\\u\{d\}Requester {2}eve@example\.com \u{1f9d1}\u200d\u{1f4bb}$/mu,
    );
    const { digest } = (JSON.parse(shown.stdout) as { rotation: { digest: string } }).rotation;
    expect(await as(ben, 'rotation', 'approve', ...name, '--digest', 'a'.repeat(64))).toMatchObject(
      { code: 1, stdout: '' },
    );
    expect(await eventsOf(gateway, 'rotation.approved')).toEqual([]);

    const approved = await answering(ben, 'y\n', 'rotation', 'approve', ...name);

    expect(approved).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`everleaf rotation reveal ${access} ${id} --dir FOLDER`),
      stderr: expect.stringMatching(/^Present one +SHA-256 [0-9a-f]{64}, until /m),
    });
    expect((await as(ben, 'rotation', 'approve', ...name, '--digest', digest)).code).toBe(1);
    const used = temporaryHome();
    writeFileSync(join(used, 'service.key'), 'of somebody');
    const folder = join(temporaryHome(), 'new');
    const [byBen, full, noFolder, nowhere] = await Promise.all([
      as(ben, 'rotation', 'reveal', ...name, '--dir', folder),
      as(ann, 'rotation', 'reveal', ...name, '--dir', used),
      as(ann, 'rotation', 'reveal', ...name, '--dir', join(used, 'service.key')),
      as(ann, 'rotation', 'reveal', ...name),
    ]);
    expect(byBen).toEqual(refused('Only who asked for the credentials may see them.'));
    expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/nothing was revealed/) });
    expect(noFolder).toMatchObject({ code: 1, stderr: expect.stringMatching(/\(ENOTDIR|EEXIST/) });
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/--dir FOLDER/) });
    expect(readFileSync(join(used, 'service.key'), 'utf8')).toBe('of somebody');
    const revealed = await as(ann, 'rotation', 'reveal', ...name, '--dir', folder);
    expect(revealed).toMatchObject({ ...done, stdout: expect.stringMatching(/you neither/) });
    const fileOf = (file: string) => readFileSync(join(folder, file), 'utf8');
    const names = ['ca.pem', 'client.keystore.p12', 'client.properties', 'client.truststore.p12'];
    expect(readdirSync(folder).sort()).toEqual([
      ...names,
      'service.cert',
      'service.key',
      'service.password',
    ]);
    for (const file of readdirSync(folder))
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(fileOf('service.password')).toMatch(/^\S{16,}\n$/);
    const certificate = new X509Certificate(fileOf('service.cert'));
    expect(certificate.checkPrivateKey(createPrivateKey(fileOf('service.key')))).toBe(true);
    await verifyTogether([{ certPem: fileOf('service.cert'), bundle: fileOf('ca.pem') }]);
    expect(revealed.stdout).not.toContain(fileOf('service.password').trim());
    expect(await as(ann, 'rotation', 'reveal', ...name, '--dir', folder, '--force')).toEqual(
      refused(
        'The credentials have been revealed already. If that was not you, or the answer was lost, ask for another rotation.',
      ),
    );
    expect(await eventsOf(gateway, 'rotation.approved', 'rotation.revealed')).toMatchObject([
      { actor: 'user:ben@example.com' },
      { actor: 'user:ann@example.com' },
    ]);
  });

  it('SU-G6, SU-G7: declines with a reason, takes back, and reveals as JSON', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { ann, ben, cleo } = governed;
    const { as } = commandsOf(governed);
    const first = await ask(governed);
    const declined = await as(ben, 'rotation', 'decline', ...first, '--reason', 'not today');
    expect(declined).toMatchObject(done);
    expect((await as(ann, 'rotation', 'show', ...first)).stdout).toMatch(
      /^Decided +by ben@example\.com, \S+Z: not today$/m,
    );
    const second = await ask(governed, { message: 'again', revoke_old: 'at_once' });
    const [other, unreasoned] = await Promise.all([
      as(cleo, 'rotation', 'delete', ...second),
      as(ben, 'rotation', 'decline', ...second),
    ]);
    expect(other.code).toBe(1);
    expect(unreasoned.code).toBe(2);
    expect(await as(ann, 'rotation', 'delete', ...second, '--json')).toMatchObject(done);
    const gone = await as(ben, 'rotation', 'approve', ...second, '--yes');
    expect(gone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is nothing to approve: the request is deleted\.\n$/),
    });
    const third = [governed.access, (await approvedRotation(governed)).slice(1)];
    const raw = await as(ann, 'rotation', 'reveal', ...third, '--json');
    expect(raw).toMatchObject({ code: 0, stderr: expect.stringMatching(/has erased/) });
    const { credentials } = JSON.parse(raw.stdout) as { credentials: { access_key: string } };
    expect(createPrivateKey(credentials.access_key).type).toBe('private');
    const fourth = [governed.access, (await approvedRotation(governed)).slice(1)];
    const folder = temporaryHome();
    mkdirSync(join(folder, 'service.key'));
    const last = await as(ann, 'rotation', 'reveal', ...fourth, '--dir', folder, '--force');
    expect(last).toMatchObject({ code: 1, stderr: expect.stringMatching(/on standard output/) });
    expect(JSON.parse(last.stdout)).toMatchObject({ credentials: { username: 'orders' } });
  });

  it('says in one sentence why it cannot speak to the gateway', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, ann, organization } = governed;
    const { settings } = commandsOf(governed);
    const second = await addOrganization(gateway, { admins: [ann] });
    const bad = join(temporaryHome(), 'token');
    writeFileSync(bad, 'two words\n');
    const token = { EVERLEAF_TOKEN: ann.token };
    const list = ['rotation', 'show', governed.access, 'rot1'];
    const untrusting = { ...settings, EVERLEAF_CACERT: '' };

    const answers = [
      await sentenceOf(settings, ...list),
      await sentenceOf(settings, ...list, '--token-file', bad),
      await sentenceOf(settings, ...list, '--token-file', '/none'),
      await sentenceOf({ ...settings, EVERLEAF_TOKEN: 'nonsense' }, ...list),
      await sentenceOf({ ...untrusting, ...token }, ...list),
      await sentenceOf({ ...settings, ...token }, ...list),
      await sentenceOf({ ...settings, ...token }, ...list, '--organization', second),
      await sentenceOf({ ...settings, ...token }, ...list, '--url', 'https://127.0.0.1:1'),
      await sentenceOf({ ...settings, ...token }, ...list, '--url', 'http://everleaf.example.com'),
      await sentenceOf({ ...settings, ...token }, ...list, '--url', gateway.urls.pki),
    ];

    const sentences = [
      /put your token into EVERLEAF_TOKEN/,
      /token holds no token: a token is one line/,
      /--token-file: \/none cannot be read \(ENOENT\)/,
      /^The token [^\n]*\.$/,
      /is not trusted \(\w+\): --cacert FILE/,
      new RegExp(`--organization: [^\n]*${organization} \\(Example\\)`),
      /^Access not found\.$/,
      /No answer from https:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/,
      /is plain HTTP, which would show the token/,
      /answered 404: is it the admin listener\?/,
    ];
    answers.forEach((sentence, index) => {
      expect(sentence).toMatch(sentences[index] ?? /^$/);
      expect(sentence).not.toContain(ann.token);
    });
  });
});

describe('everleaf access', () => {
  it('makes, shows and deletes one', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { root, ann } = governed;
    const { as } = commandsOf(governed);
    const words = ['--project', 'p1', '--service', 'kafka-1', '--group', 'owners'];
    const what = ['--read', 'a.v1', 'b.v1', '--write', 'a.v1', '--user', 'stock'];
    const [byMember, nothing, noGroup] = await Promise.all([
      as(ann, 'access', 'create', 'stock', ...words, ...what),
      as(root, 'access', 'create', 'stock', ...words),
      as(root, 'access', 'create', 'stock', ...words.slice(0, 4), '--group', 'x', ...what),
    ]);
    expect(byMember).toMatchObject({ code: 1, stdout: '' });
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringMatching(/--read TOPIC or/) });
    expect(noGroup).toEqual(refused('There is no group x: owners.'));

    const made = await as(root, 'access', 'create', 'stock', ...words, ...what);

    expect(made).toMatchObject(done);
    expect(made.stdout).toMatch(/^Rights +Read a\.v1\n +Read b\.v1\n +Write a\.v1$/m);
    const id = /^Access +stock \((acc\w+)\)$/m.exec(made.stdout)?.[1] ?? '';
    expect((await as(ann, 'access', 'show', id)).stdout).toMatch(
      /^Service user +p1\/kafka-1\/stock$/m,
    );
    expect(await as(root, 'access', 'delete', id)).toMatchObject(done);
    expect(await as(root, 'access', 'show', id)).toEqual(refused('Access not found.'));
  });
});
