#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { makeOutput } from './cli/output.js';
import { makeProgram } from './cli/program.js';
import { Failure } from './failure.js';
import { makeRandomBytes } from './random-bytes.js';
import { StartFault } from './start-fault.js';

const program = makeProgram({
  version: readVersion(),
  openContext: async (isJson) => {
    // Help and refusals of what was typed need neither.
    const { operatingSystemUser, readConfig } = await import('./config.js');
    const { makeLog } = await import('./cli/log.js');
    const config = readConfig();
    return {
      config,
      clock: () => Math.floor(Date.now() / 1000),
      random: makeRandomBytes(),
      log: await makeLog(config.logLevel),
      output: makeOutput({ isJson, write: (text) => process.stdout.write(text) }),
      actor: `cli:${operatingSystemUser()}`,
    };
  },
  serve: async (context) => {
    // The listeners and all they need take longer to load than most commands to run.
    const { serveCommand } = await import('./cli/serve.js');
    const { unknownSettings } = await import('./config.js');
    await serveCommand(context, { unknownSettings: unknownSettings() });
  },
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** 0 done, 1 failed, 2 usage. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof StartFault || error instanceof Failure) {
    process.stderr.write(`everleaf: ${error.message}\n`);
    return 1;
  }
  process.stderr.write(
    `everleaf: an unexpected fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}
