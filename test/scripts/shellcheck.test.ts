import { describe, expect, it } from '@jest/globals';
import { run } from '../support/run.js';
import { installed } from '../support/tools.js';

const scripts = [
  'setup.sh',
  'start.sh',
  'quickstart.sh',
  'renew.sh',
  'service-user.sh',
  'rotation.sh',
];

describe('the shell scripts', () => {
  it.each(installed('shellcheck'))('pass %s', async (shellcheck) => {
    const files = [...scripts.map((name) => `scripts/${name}`), '.ci/run'];
    expect(await run([shellcheck, ...files])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each(installed('dash', 'bash', 'zsh'))('can be read by %s', async (shell) => {
    for (const name of scripts) {
      expect(await run([shell, '-n', `scripts/${name}`])).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
