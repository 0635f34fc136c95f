import type { Command } from './context.js';

/** A command that is loaded when it runs: loading is most of what a short command takes, and help needs none. */
export function later<Options>(load: () => Promise<Command<Options>>): Command<Options> {
  return async (context, options) => {
    const command = await load();
    await command(context, options);
  };
}
