import { beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPair } from '../support/application.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { run } from '../support/run.js';
import type { Ended } from '../support/run.js';
import {
  addHolder,
  asHolder,
  filesIn,
  pairOf,
  setSelfService,
} from '../support/service-user-holder.js';
import type { UserPair } from '../support/service-user-holder.js';
import { openService, renewUser } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';

let gateway: TestGateway;
let house: ServiceHouse;
let folder: string;

const at = (name: string): string => join(folder, name);
const textOf = (name: string): string => readFileSync(at(name), 'utf8');
const names = (): string[] => readdirSync(folder).sort();
const pairFiles = ['ca.pem', 'service.cert', 'service.key'];
const withPrevious = [...pairFiles, 'service.cert.prev', 'service.key.prev'].sort();

function lay({ certPem, keyPem }: UserPair, caPem: string): void {
  folder = temporaryHome();
  for (const [name, text] of Object.entries({
    'service.cert': certPem,
    'service.key': keyPem,
    'ca.pem': caPem,
  }))
    writeFileSync(at(name), text, { mode: 0o600 });
}

function script(...words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, EVERLEAF_GATEWAY: gateway.urls.gateway };
  const trusted = ['--cacert', gateway.caFile] as const;
  return run(['sh', 'scripts/service-user.sh', ...trusted, ...words, folder], { env });
}

/** As a run does before it fetches. */
async function noteWhatItIsFor(): Promise<void> {
  const words = ['x509', '-noout', '-fingerprint', '-sha256', '-in', at('service.cert')];
  writeFileSync(at('fetched.for'), (await run(['openssl', ...words])).stdout);
}

beforeEach(async () => {
  gateway = await startTestGateway();
  house = await openService(gateway);
  const { body } = await house.asRoot('get', '/v1/project/p1/kms/ca').expect(200);
  lay(await addHolder(house, 'app'), String(body.certificate));
});

describe('service-user.sh', () => {
  it('fetches the new pair with the old one, has it taken into use and acknowledges it', async () => {
    await setSelfService(house, 'app');
    expect(await script()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/nothing to do/),
    });
    const [oldCert, oldKey] = [textOf('service.cert'), textOf('service.key')];
    await renewUser(gateway, 'app');

    const failing = await script('--then', 'exit 7');

    expect(failing).toMatchObject({ code: 1, stderr: expect.stringMatching(/exit 7 failed/) });
    const { certPem, keyPem } = await pairOf(house, 'app');
    expect([textOf('service.cert'), textOf('service.key')]).toEqual([certPem, keyPem]);
    expect([textOf('service.cert.prev'), textOf('service.key.prev')]).toEqual([oldCert, oldKey]);
    expect(names()).toEqual(withPrevious);
    for (const name of names()) expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toEqual([]);

    const second = await script('--quiet', '--then', 'echo reloaded');
    expect(second).toEqual({ code: 0, stdout: 'reloaded\n', stderr: '' });
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toHaveLength(1);
    expect(await script('--then', 'exit 7')).toMatchObject({ code: 0 });
  });

  it('finishes what an interrupted run had fetched, also between key and certificate', async () => {
    await setSelfService(house, 'app');
    const old = await pairOf(house, 'app');
    await renewUser(gateway, 'app');
    const answer = await asHolder(gateway).fetch(old).expect(200);
    await noteWhatItIsFor();
    writeFileSync(at('fetched.json'), answer.text);
    writeFileSync(at('service.key'), filesIn(answer.body)['service.key'] ?? '');
    writeFileSync(at('service.key.prev'), old.keyPem);
    symlinkSync('process-999999999', at('.service-user.lock'));

    expect(await script()).toMatchObject({ code: 0, stderr: '' });

    expect(names()).toEqual(withPrevious);
    expect(await isPair(at('service.cert'), at('service.key'))).toBe(true);
    expect(await isPair(at('service.cert.prev'), at('service.key.prev'))).toBe(true);
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toHaveLength(1);
  });

  it('leaves out what it had fetched for a pair that somebody has replaced since', async () => {
    await setSelfService(house, 'app');
    const old = await pairOf(house, 'app');
    await renewUser(gateway, 'app');
    await noteWhatItIsFor();
    writeFileSync(at('fetched.json'), (await asHolder(gateway).fetch(old).expect(200)).text);
    await house.reset('app').expect(200);
    const { certPem, keyPem } = await pairOf(house, 'app');
    writeFileSync(at('service.cert'), certPem);
    writeFileSync(at('service.key'), keyPem);

    expect(await script()).toMatchObject({ code: 0, stdout: expect.stringMatching(/left out/) });

    expect(names()).toEqual(pairFiles);
    expect(textOf('service.cert')).toBe(certPem);
  });

  it('changes nothing where it cannot go on, and says whom to ask', async () => {
    await renewUser(gateway, 'app');
    const before = names().map(textOf);
    const off = await script();
    expect(off).toMatchObject({ code: 3, stderr: expect.stringMatching(/everleaf user download/) });
    await setSelfService(house, 'app');
    await asHolder(gateway)
      .fetch({ certPem: textOf('service.cert'), keyPem: textOf('service.key') })
      .expect(200);
    expect(await script()).toMatchObject({ code: 3 });
    symlinkSync(`process-${String(process.pid)}`, at('.service-user.lock'));
    expect(await script()).toMatchObject({ code: 1, stderr: expect.stringMatching(/under way/) });
    expect(
      names()
        .filter((name) => !name.startsWith('.'))
        .map(textOf),
    ).toEqual(before);
    const env = { ...process.env, EVERLEAF_GATEWAY: gateway.urls.gateway };
    const bare = ['sh', 'scripts/service-user.sh'] as const;
    for (const words of [[], ['/none'], ['--cacert'], ['--nonsense', folder]])
      expect((await run([...bare, ...words], { env })).code).toBe(2);
  });

  it('leaves an answer that does not fit untouched beside the pair', async () => {
    await noteWhatItIsFor();
    const other = await addHolder(house, 'other');
    const files = [
      ['ca.pem', textOf('ca.pem')],
      ['service.cert', other.certPem],
      ['service.key', other.keyPem],
    ].map(([name, text = '']) => ({ name, content: Buffer.from(text).toString('base64') }));
    const before = textOf('service.cert');
    writeFileSync(at('fetched.json'), JSON.stringify({ files }));
    expect(await script()).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/another subject: fetched.json stays/),
    });
    expect(textOf('service.cert')).toBe(before);
    expect(names()).toContain('fetched.json');
  });
});
