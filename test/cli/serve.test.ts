import { describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../support/gateway.js';
import { outputOf } from '../support/run.js';
import { everleaf, everleafJson, serve } from './everleaf.js';

const ready = /^everleaf ready gateway=(https:\S+) admin=(https:\S+) pki=(http:\S+)$/;

describe('everleaf serve', () => {
  it('prints the ready line, serves, and ends with 0 at SIGTERM', async () => {
    const home = temporaryHome();
    const serving = await serve({ EVERLEAF_HOME: home });
    const [, gateway = '', admin = '', pki = ''] = ready.exec(serving.readyLine) ?? [];
    const curl = ['curl', '-q', '-sS', '-o', '/dev/null', '-w', '%{http_code}'] as const;
    const trusted = [...curl, '--cacert', join(home, 'ca.crt')] as const;
    expect(await outputOf([...curl, `${pki}/readyz`])).toBe('200');
    expect(await outputOf([...trusted, `${gateway}/v1/api.yaml`])).toBe('200');
    expect(await outputOf([...trusted, `${admin}/metrics`])).toBe('401');
    expect(statSync(join(home, 'admin.token')).mode & 0o777).toBe(0o600);
    expect(await serving.stop()).toBe(0);
  });

  it('ends with 1 and one sentence where its address is taken', async () => {
    const home = temporaryHome();
    const serving = await serve({ EVERLEAF_HOME: home });
    const port = /gateway=https:\/\/localhost:(\d+)/.exec(serving.readyLine)?.[1] ?? '';
    const taken = `127.0.0.1:${port}`;
    const settings = { EVERLEAF_HOME: temporaryHome(), EVERLEAF_GATEWAY_LISTEN: taken };
    expect(await everleaf(settings, 'serve')).toEqual({
      code: 1,
      stdout: '',
      stderr: `everleaf: EVERLEAF_GATEWAY_LISTEN: ${taken} is in use by another process.\n`,
    });
    expect(await serving.stop('SIGINT')).toBe(0);
  });
});

describe('the commands', () => {
  it('work while the gateway runs, after it has stopped, and say the same', async () => {
    const settings = { EVERLEAF_HOME: temporaryHome() };
    const serving = await serve(settings);
    const beside = await everleafJson(settings, 'ca', 'list');
    await everleafJson(settings, 'token', 'create', 'app');
    expect(await serving.stop()).toBe(0);
    expect(await everleafJson(settings, 'ca', 'list')).toEqual(beside);
    const { url } = await everleafJson<{ url: string }>(settings, 'token', 'create', 'other');
    const gateway = ready.exec(serving.readyLine)?.[1] ?? '';
    expect(url.startsWith(`${gateway}/v1/applications/signingRequests/info?token=`)).toBe(true);
    expect(await everleafJson<object[]>(settings, 'token', 'list')).toHaveLength(2);
    const again = await serve(settings);
    expect(await again.stop()).toBe(0);
  });

  it('take --json before and behind the command alike', async () => {
    const settings = { EVERLEAF_HOME: temporaryHome() };
    await (await serve(settings)).stop();
    const behind = await everleaf(settings, 'certificate', 'list', '--json');
    const before = await everleaf(settings, '--json', 'certificate', 'list');
    expect(before).toEqual(behind);
    expect(JSON.parse(behind.stdout)).toEqual([expect.objectContaining({ kind: 'server' })]);
    const token = readFileSync(join(settings.EVERLEAF_HOME, 'admin.token'), 'utf8').trim();
    const list = await everleaf(settings, 'access-token', 'list', '--json');
    expect(list.stdout).not.toContain(token.slice(4, 16));
  });
});
