import { Router } from 'express';
import type { Log } from '../edges.js';
import { sendJson } from './json-answer.js';
import { contextOf } from './request-context.js';
import { mountPath } from './routing.js';

const keptMs = 1000;

/** A named part that must answer before requests can be served; throws when it does not. */
export type ReadinessCheck = readonly [name: string, check: () => Promise<void>];

/**
 * `/healthz`: the process runs. `/readyz`: every check answers, else 503 and the names of those that do not. The
 * outcome is kept for a second, so that asking costs next to nothing.
 */
export function makeHealthRoutes(edges: {
  readonly checks: readonly ReadinessCheck[];
  readonly log: Log;
}): Router {
  const router = Router({ strict: true, caseSensitive: true });
  let kept: { at: number; failed: Promise<string[]> } | undefined;
  mountPath(router, '/healthz', {
    get: [
      (_request, response) => {
        sendJson(response, 200, { status: 'ok' });
      },
    ],
  });
  mountPath(router, '/readyz', {
    get: [
      async (request, response) => {
        const now = performance.now();
        if (!kept || now - kept.at > keptMs) kept = { at: now, failed: runChecks(edges) };
        const failed = await kept.failed;
        if (failed.length > 0) contextOf(request).refusal = `not ready: ${failed.join(', ')}`;
        sendJson(response, failed.length === 0 ? 200 : 503, {
          status: failed.length === 0 ? 'ready' : 'not ready',
          failed,
        });
      },
    ],
  });
  return router;
}

async function runChecks({
  checks,
  log,
}: {
  checks: readonly ReadinessCheck[];
  log: Log;
}): Promise<string[]> {
  const outcomes = await Promise.all(
    checks.map(async ([name, check]) => {
      try {
        await check();
        return undefined;
      } catch (err) {
        log.error({ err, check: name }, 'a readiness check failed');
        return name;
      }
    }),
  );
  return outcomes.filter((name) => name !== undefined);
}
