import { randomBytes } from 'node:crypto';
import { makeOutput } from '../../src/cli/output.js';
import { makeProgram } from '../../src/cli/program.js';
import { readConfig } from '../../src/config.js';
import type { TestGateway } from './gateway.js';

const silent = (): void => undefined;

/**
 * `everleaf WORDS...` beside a gateway, with its settings and on its clock: what it answered as JSON. Throws what the
 * process would show on stderr.
 */
export async function commandLine<Answer = unknown>(
  gateway: Pick<TestGateway, 'settings' | 'clock'>,
  words: string,
): Promise<Answer> {
  let text = '';
  const program = makeProgram({
    version: 'test',
    openContext: (isJson) =>
      Promise.resolve({
        config: readConfig(gateway.settings),
        clock: gateway.clock.now,
        random: (length) => randomBytes(length),
        log: { debug: silent, info: silent, warn: silent, error: silent },
        output: makeOutput({ isJson, write: (line) => (text += line) }),
        actor: 'cli:test',
      }),
    serve: () => Promise.reject(new Error('a gateway runs already')),
  });
  await program.parseAsync([...words.split(' '), '--json'], { from: 'user' });
  return JSON.parse(text) as Answer;
}
