import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { withoutSettings } from '../support/gateway-process.js';
import { run } from '../support/run.js';
import type { Ended } from '../support/run.js';

/** What is compiled starts in half the time, but counts only when it is newer than every source. */
const entry = isCompiled()
  ? [resolve('dist/main.js')]
  : ['--import', 'tsx', resolve('src/main.ts')];

function isCompiled(): boolean {
  const built = statSync('dist/.built', { throwIfNoEntry: false });
  if (!built) return false;
  const sources = readdirSync('src', { recursive: true, withFileTypes: true });
  return sources.every(
    ({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs < built.mtimeMs,
  );
}

type Settings = Readonly<Record<string, string>>;

const environmentWith = (settings: Settings): NodeJS.ProcessEnv => ({
  ...withoutSettings(process.env),
  EVERLEAF_GATEWAY_LISTEN: '127.0.0.1:0',
  EVERLEAF_ADMIN_LISTEN: '127.0.0.1:0',
  EVERLEAF_PKI_LISTEN: '127.0.0.1:0',
  ...settings,
});

/** `everleaf WORDS...` as a process of its own, run to its end. */
export async function everleaf(settings: Settings, ...words: readonly string[]): Promise<Ended> {
  return await everleafWith('', settings, ...words);
}

/** The same with something on standard input. */
export async function everleafWith(
  input: string,
  settings: Settings,
  ...words: readonly string[]
): Promise<Ended> {
  const env = environmentWith(settings);
  return await run([process.execPath, ...entry, ...words], { env, input });
}

/** The same where it must succeed without a word on stderr: what it answered, read as JSON. */
export async function everleafJson<Answer>(
  settings: Settings,
  ...words: readonly string[]
): Promise<Answer> {
  const { code, stdout, stderr } = await everleaf(settings, ...words, '--json');
  if (code !== 0 || stderr !== '') throw new Error(`${words.join(' ')}: ${String(code)} ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

/** `everleaf serve`, from its ready line on. */
export interface Serving {
  readonly readyLine: string;
  /** Sends a signal and gives the exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

export async function serve(settings: Settings): Promise<Serving> {
  const child = spawn(process.execPath, [...entry, 'serve'], {
    env: environmentWith(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  for await (const readyLine of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return {
      readyLine,
      stop: (signal = 'SIGTERM') => {
        child.kill(signal);
        return ended;
      },
    };
  }
  throw new Error(`the gateway did not start:\n${log.join('')}`);
}
