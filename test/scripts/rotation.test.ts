import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPair } from '../support/application.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { openGovernance } from '../support/governance.js';
import { eventsOf } from '../support/record.js';
import { run } from '../support/run.js';
import { verifyTogether } from '../support/verify.js';

const script = ['sh', 'scripts/rotation.sh'] as const;

describe('rotation.sh', () => {
  it('SU-G1, SU-G8, SU-G9: asks, approves, reveals once, and is refused twice', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, access, ann, ben } = governed;
    const bensToken = join(temporaryHome(), 'token');
    writeFileSync(bensToken, `${ben.token}\n`);
    const env = {
      ...process.env,
      EVERLEAF_ADMIN_URL: gateway.urls.admin,
      ANN_TOKEN: ann.token,
      BEN_TOKEN_FILE: bensToken,
    };
    const folder = join(temporaryHome(), 'new');
    const words = ['--cacert', gateway.caFile, '--message', 'say "why"', access, folder];

    const told = await run([...script, ...words], { env });

    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/user +p1\/kafka-1\/orders\n +rights +Read orders\.v1\n/);
    expect(told.stdout).toMatch(/a second reveal is refused: .+already/);
    expect(readdirSync(folder).sort()).toEqual([
      'ca.pem',
      'client.keystore.p12',
      'client.properties',
      'client.truststore.p12',
      'service.cert',
      'service.key',
      'service.password',
    ]);
    const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(await isPair(join(folder, 'service.cert'), join(folder, 'service.key'))).toBe(true);
    await verifyTogether([{ certPem: textOf('service.cert'), bundle: textOf('ca.pem') }]);
    for (const secret of [ann.token, ben.token, textOf('service.password').trim()])
      expect(told.stdout).not.toContain(secret);

    const again = await run([...script, ...words], { env });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/name an empty folder/) });
    const other = [...words.slice(0, -1), join(temporaryHome(), 'other')];
    const alone = await run([...script, ...other], { env: { ...env, BEN_TOKEN: ann.token } });
    expect(alone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /the approval is refused, and request rot\w+ stays pending: 403 Another member/,
      ),
    });
    const second = await run([...script, ...other], { env });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/refused: 409 /) });
    expect(await eventsOf(gateway, 'rotation.revealed')).toHaveLength(1);
  });

  it.each([
    [[], {}, /usage: rotation\.sh/],
    [['a'], {}, /usage: rotation\.sh/],
    [['--nonsense'], {}, /unknown option --nonsense/],
    [['--message'], {}, /--message needs a value/],
    [['a', 'b'], {}, /the token of ann is missing/],
    [['a', 'b'], { ANN_TOKEN: 'x y' }, /the token of ann has to be one line/],
    [['a', 'b'], { EVERLEAF_ADMIN_URL: 'http://localhost:9443' }, /has to begin with https/],
  ])('ends with 2 and says what is wrong: %j', async (words, settings, sentence) => {
    const { PATH } = process.env;
    const env = { ...(PATH === undefined ? {} : { PATH }), ...settings };
    const { code, stdout, stderr } = await run([...script, ...words], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });
});
