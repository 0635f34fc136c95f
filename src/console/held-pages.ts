import type { ServerResponse } from 'node:http';

interface HeldPage {
  readonly status: number;
  readonly text: string;
}

const held = new WeakMap<ServerResponse, HeldPage | undefined>();

/** Keeps the page that `send` would send: the handler of the Failure that it tells of sends it. */
export async function holdPage(
  response: ServerResponse,
  send: () => void | Promise<void>,
): Promise<void> {
  held.set(response, undefined);
  await send();
}

/** Keeps a page where one is awaited; false where pages are sent at once. */
export function keepIfHeld(response: ServerResponse, page: HeldPage): boolean {
  if (!held.has(response)) return false;
  held.set(response, page);
  return true;
}

/** The page that was kept for a refusal, to be sent now. */
export function takeHeldPage(response: ServerResponse): HeldPage | undefined {
  const page = held.get(response);
  held.delete(response);
  return page;
}
