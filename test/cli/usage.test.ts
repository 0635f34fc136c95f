import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { everleaf } from './everleaf.js';

describe('wrong usage', () => {
  it.each([
    [['nonsense'], "everleaf: unknown command 'nonsense'"],
    [['token', 'create'], "everleaf: missing required argument 'application', or --runtime"],
    [['token', 'create', 'app', '--runtime'], 'name an application, or --runtime, or --recover'],
    [['token', 'create', 'app', '--recover', 'app'], 'one of them'],
    [['token', 'create', '--recover', 'app', '--group', 'g'], 'takes neither --tenant nor --group'],
    [['token', 'create', 'app', '--ttl', '5x'], 'such as 30m, 12h or 92d'],
    [['token', 'list', '--limit', '0'], 'It must be a whole number, 1 or more.'],
    [['token', 'list', 'extra'], 'too many arguments'],
    [['certificate', 'show', 'zz'], 'It must be hex digits, at least six of them.'],
    [['certificate', 'revoke', 'abcdef', '--reason', 'stolen'], 'Allowed choices are unspecified'],
    [['access-token', 'create', 'ci'], "required option '--role <role>' not specified"],
    [['access-token', 'create', 'ci', '--role', 'king'], 'administrator, issuer, auditor'],
    [['ca', 'list', '--verbose'], "unknown option '--verbose'"],
    [['token'], 'Usage: everleaf token'],
    [[], 'Usage: everleaf [options] [command]'],
  ])('ends with 2 and says on stderr what is wrong: %j', async (words, sentence) => {
    const home = temporaryHome();
    const { code, stdout, stderr } = await everleaf({ EVERLEAF_HOME: home }, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(existsSync(join(home, 'everleaf.db'))).toBe(false);
  });
});

describe('a failure', () => {
  it.each([
    ['token', 'list'],
    ['token', 'create', 'app'],
    ['certificate', 'list'],
    ['ca', 'show'],
    ['access-token', 'list'],
  ])('ends with 1 where there is no gateway yet, and makes none: %s %s', async (...words) => {
    const home = temporaryHome();
    const { code, stdout, stderr } = await everleaf({ EVERLEAF_HOME: home }, ...words);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `everleaf: There is no gateway in ${home} yet: start one with \`everleaf serve\`, or set EVERLEAF_HOME to its home.\n`,
    });
    expect(existsSync(join(home, 'everleaf.db'))).toBe(false);
  });

  it.each([
    [
      ['token', 'create', 'a,b'],
      'The application name must not hold any of , = / " \\ + < > ; % ? # :.',
    ],
    [['token', 'create', ''], 'The application name must not be empty.'],
    [['token', 'create', '--runtime'], '--runtime needs EVERLEAF_MODE=central.'],
    [['token', 'create', 'app', '--group', 'g'], '--group needs EVERLEAF_MODE=central.'],
    [
      ['token', 'create', '--recover', 'app'],
      'No certificate of app is on record: everleaf certificate list --expired shows the holders.',
    ],
    [['token', 'create', '--recover', 'abcdef'], 'No certificate on record begins with abcdef.'],
    [
      ['token', 'withdraw', 'nope'],
      'There is no unused token nope: everleaf token list shows them by their IDs.',
    ],
    [['certificate', 'show', 'abcdef'], 'No certificate on record begins with abcdef.'],
    [['certificate', 'revoke', 'abcdef'], 'No certificate on record begins with abcdef.'],
    [['ca', 'show', 'abc'], 'There is no authority abc: everleaf ca list shows them.'],
    [
      ['access-token', 'create', 'a\nb', '--role', 'auditor'],
      'The name of an access token has 1 to 64 characters, none of them invisible, and no space at its ends.',
    ],
    [
      ['access-token', 'withdraw', 'nope'],
      'There is no access token nope to withdraw: everleaf access-token list shows them by their IDs.',
    ],
  ])('ends with 1, one sentence on stderr and nothing changed: %j', async (words, sentence) => {
    const gateway = await startTestGateway();
    const before = await rowCounts(gateway);
    const { code, stdout, stderr } = await everleaf({ EVERLEAF_HOME: gateway.home }, ...words);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `everleaf: ${sentence}\n`,
    });
    expect(await rowCounts(gateway)).toEqual(before);
  });

  it('names the setting that is wrong, before anything else', async () => {
    const settings = { EVERLEAF_HOME: temporaryHome(), EVERLEAF_TOKEN_TTL: 'soon' };
    expect(await everleaf(settings, 'token', 'list')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'everleaf: EVERLEAF_TOKEN_TTL must be a whole number and a unit, such as 30m, 12h or 92d.\n',
    });
  });
});

describe('--help', () => {
  it.each([
    [['--help'], ['serve', 'token', 'certificate', 'ca', 'access-token', '--json']],
    [
      ['token', '--help'],
      ['create', 'list', 'withdraw'],
    ],
    [
      ['token', 'create', '--help'],
      ['--tenant', '--group', '--runtime', '--recover', '--ttl'],
    ],
    [
      ['certificate', '--help'],
      ['list', 'show', 'revoke'],
    ],
    [
      ['ca', '--help'],
      ['list', 'show'],
    ],
    [
      ['access-token', '--help'],
      ['create', 'list', 'withdraw'],
    ],
    [
      ['serve', '--help'],
      ['--json', 'SIGTERM'],
    ],
    [
      ['certificate', 'revoke', '--help'],
      ['--reason', 'keyCompromise', '--json', 'SHA-256'],
    ],
    [
      ['access-token', 'create', '--help'],
      ['--role', 'auditor', '--ttl', '--json'],
    ],
  ])('needs neither a gateway nor good settings: %j', async (words, names) => {
    const { code, stdout, stderr } = await everleaf({ EVERLEAF_TOKEN_TTL: 'soon' }, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of names) expect(stdout).toContain(name);
  });
});
