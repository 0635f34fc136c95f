import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Router } from 'express';
import request from 'supertest';
import { readConfig } from '../../src/config.js';
import { isConsoleUrl } from '../../src/console/console-urls.js';
import { isAivenUrl } from '../../src/credentials/failures.js';
import { layFoundation } from '../../src/gateway/foundation.js';
import { withRevocationLists } from '../../src/gateway/kept-revocation-lists.js';
import { makeRouters } from '../../src/gateway/routers.js';
import { operationsOf, readApiDocument } from '../support/api-document.js';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';

/** `METHOD path` of every route of a router and of those that it leads to. */
function mountedIn({ stack }: Pick<Router, 'stack'>): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (!route) return 'stack' in handle ? mountedIn(handle as unknown as Router) : [];
    // A step for all methods has none of its own.
    const methods = new Set(route.stack.flatMap(({ method }) => (method ? [method] : [])));
    return [...methods].map((method) => `${method.toUpperCase()} ${route.path}`);
  });
}

/** The routers of the admin listener, made as a gateway makes them. */
async function adminRouters(gateway: TestGateway): Promise<readonly Router[]> {
  const silent = (): void => undefined;
  const edges = {
    clock: gateway.clock.now,
    random: (length: number) => randomBytes(length),
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  const config = readConfig(gateway.settings);
  const foundation = withRevocationLists(await layFoundation(config, edges, gateway.database));
  await foundation.stopKeeping();
  return makeRouters(foundation, gateway.urls).admin;
}

describe('/openapi.json', () => {
  it('describes every route that is mounted for users, and no other', async () => {
    const gateway = await startTestGateway();
    const pathOf = (call: string) => call.split(' ')[1] ?? '';
    const all = (await adminRouters(gateway)).flatMap(mountedIn);
    const mounted = all.filter((call) => !isConsoleUrl(pathOf(call)));
    const forUsers = mounted.filter((call) => isAivenUrl(pathOf(call)));
    const described = operationsOf(await readApiDocument(gateway)).map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    expect(described.length).toBeGreaterThan(40);
    expect(described.sort()).toEqual(forUsers.sort());
    expect(mounted.filter((call) => !forUsers.includes(call))).toEqual([
      'POST /v1/applications/tokens',
      'POST /v1/applications/certificates/revocations',
      'GET /metrics',
      'GET /openapi.json',
    ]);
  });

  it('is whole: every reference leads somewhere, every name is unique, every parameter declared', async () => {
    const document = await readApiDocument(await startTestGateway());
    expect(document.openapi).toBe('3.1.0');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
    const named = new Set(references.map(([, reference]) => reference));
    const schemas = Object.keys(document.components.schemas);
    expect([...named].sort()).toEqual(schemas.map((name) => `#/components/schemas/${name}`).sort());

    const operations = operationsOf(document);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(tags).toContain(operation.tags[0]);
      for (const scheme of operation.security)
        expect(document.components.securitySchemes).toHaveProperty(Object.keys(scheme));
    }
    expect(operations.filter(({ operation }) => operation.security.length === 0)).toHaveLength(1);
  });

  it('is served to everybody, browsers included, and need not be sent twice', async () => {
    const gateway = await startTestGateway();
    const ask = (headers: Record<string, string>) =>
      request(gateway.urls.admin).get('/openapi.json').ca(gateway.ca).set(headers);
    const { headers } = await ask({ 'Sec-Fetch-Site': 'none' }).expect(200);
    expect(headers['content-type']).toBe('application/json;charset=UTF-8');
    expect(headers['cache-control']).toBe('public, max-age=300, must-revalidate');
    await ask({ 'If-None-Match': String(headers['etag']) }).expect(304);
    await ask({ 'If-None-Match': '"other"' }).expect(200);
    await callAdmin(gateway, 'post', '/openapi.json').expect(405);
  });
});
