import type { Router } from 'express';
import { randomBytes } from 'node:crypto';
import { readConfig } from '../../src/config.js';
import { makeConsole } from '../../src/gateway/console.js';
import { makeConsoleSessions } from '../../src/gateway/console-sessions.js';
import { layFoundation } from '../../src/gateway/foundation.js';
import { makeSignInBrakes } from '../../src/gateway/people.js';
import type { TestGateway } from './gateway.js';

/** The pages and forms of the console, by the patterns of their paths. */
export interface ConsoleRoutes {
  readonly get: readonly string[];
  readonly post: readonly string[];
}

/** A session as a browser holds it. */
export interface HeldSession {
  readonly cookie: string;
  readonly formToken: string;
}

/** The console of a gateway from inside: which routes it has, and sessions without a sign-in. */
export async function openConsole(gateway: TestGateway): Promise<{
  readonly routes: ConsoleRoutes;
  readonly begin: (email: string) => Promise<HeldSession>;
}> {
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const edges = { clock: gateway.clock.now, random: (length: number) => randomBytes(length), log };
  const { database } = gateway;
  const foundation = await layFoundation(readConfig(gateway.settings), edges, database);
  const router = makeConsole(foundation, gateway.urls, {
    createToken: () => Promise.reject(new Error('the router is there to be read')),
    brakes: makeSignInBrakes(foundation),
  });
  const { sessions } = makeConsoleSessions(foundation);
  return {
    routes: { get: pathsOf(router, 'get'), post: pathsOf(router, 'post') },
    begin: async (email) => {
      const user = await foundation.stores.users.findByEmail(email);
      if (!user) throw new Error(`there is no ${email}`);
      const from = { address: '127.0.0.1', userAgent: undefined, now: gateway.clock.now() };
      const { granted } = await database.transaction((trx) => sessions.grant(user, from, trx));
      const { formToken = '' } = (await sessions.find(granted)) ?? {};
      return { cookie: `__Host-everleaf-session=${granted}`, formToken };
    },
  };
}

/** Every path of a router, and of the routers in it, that takes a method. */
function pathsOf({ stack }: Pick<Router, 'stack'>, method: 'get' | 'post'): string[] {
  const found = stack.flatMap(({ route, handle }) => {
    if (!route) return 'stack' in handle ? pathsOf(handle as Router, method) : [];
    const handlers: readonly { readonly method?: string }[] = route.stack;
    return handlers.some((one) => one.method === method) ? [route.path] : [];
  });
  return [...new Set(found)];
}

/** The pattern that a path is served by: a word of the path rather than a parameter. */
export function patternOf(path: string, patterns: readonly string[]): string | undefined {
  const parts = path.split('/');
  const literals = (pattern: string): number =>
    pattern.split('/').filter((part) => !part.startsWith(':')).length;
  return patterns
    .filter((pattern) => {
      const wanted = pattern.split('/');
      return (
        wanted.length === parts.length &&
        wanted.every((part, at) => part.startsWith(':') || part === parts[at])
      );
    })
    .sort((a, b) => literals(b) - literals(a))[0];
}

/** The paths that forms of a page are posted to. */
export function formsOf(path: string, page: string): string[] {
  const forms = page.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g);
  return [...forms].flatMap(([, attributes = '', inside = '']) => {
    if (!/\bmethod="post"/.test(attributes)) return [];
    if (!inside.includes('name="form_token"'))
      throw new Error(`a form of ${path} has no token: ${attributes}`);
    return [/\baction="([^"]*)"/.exec(attributes)?.[1] ?? path];
  });
}

function ignore(): void {
  // what this second look at the gateway logs is nobody's
}
