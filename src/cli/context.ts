import type { Config } from '../config.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import type { Output } from './output.js';

/** What a command works with; read when it runs, so that `--help` needs no valid settings. */
export interface CommandContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly output: Output;
  /** Who runs it, as the audit log names it. */
  readonly actor: string;
}

/** A command's work; throws a StartFault or a Failure, whose sentence is shown, exit 1. */
export type Command<Options> = (context: CommandContext, options: Options) => Promise<void>;

/** Runs a command with the context of this process. */
export type Run = <Options>(command: Command<Options>, options: Options) => Promise<void>;
