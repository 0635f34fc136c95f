import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describeApi, makeApiDocument } from '../../src/connector/api-document.js';
import { connectorDialect } from '../../src/connector/failures.js';
import { writeYaml } from '../../src/connector/write-yaml.js';
import { failureKinds } from '../../src/failure.js';
import { call, callAdmin, startTestGateway } from '../support/gateway.js';
import { outputOf } from '../support/run.js';

const hasYaml = spawnSync('python3', ['-c', 'import yaml']).status === 0;
if (!hasYaml) console.warn('SKIPPED: what needs python3 with yaml, which is not installed');
const itWithYaml = hasYaml ? it : it.skip;

/** What PyYAML reads, as JSON. */
async function readYaml(yaml: string): Promise<unknown> {
  const script = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
  return JSON.parse(await outputOf(['python3', '-c', script], { input: yaml }));
}

interface Operation {
  readonly tags: readonly string[];
  readonly 'x-internal'?: boolean;
  readonly responses: Record<string, { readonly 'x-reasons'?: readonly string[] }>;
}

type PathItem = { readonly servers?: readonly { readonly url: string }[] } & Record<
  string,
  Operation
>;

const modes = ['standalone', 'central'] as const;
type Mode = (typeof modes)[number];

const documentOf = (mode: Mode) =>
  describeApi(mode) as unknown as { paths: Record<string, PathItem> };

const operationsOf = (mode: Mode) =>
  Object.entries(documentOf(mode).paths).flatMap(([key, { servers, ...methods }]) => {
    const prefix = servers?.[0]?.url.replace('{adminUrl}', '') ?? '';
    return Object.entries(methods).map(([method, operation]) => ({
      path: `${prefix}${key}`,
      method: method as 'get' | 'post',
      operation,
    }));
  });

describe('the API document', () => {
  itWithYaml.each(modes)('is read back by a YAML parser as it was described (%s)', async (mode) => {
    expect(await readYaml(makeApiDocument(mode))).toEqual(
      JSON.parse(JSON.stringify(describeApi(mode))),
    );
  });

  itWithYaml('quotes whatever YAML could take for something else', async () => {
    const strange = {
      'a: b': ['yes', 'No', '~', '', ' x', 'x ', '1', '1e3', '0x1F', '2026-11-20', '- x', '# x'],
      nested: [[1, [true, null]], {}, [], { a: { b: 'null' }, c: -1.5 }],
      text: 'one: two\nthree # four "five" \\ é \u2028 {six} [seven] &eight *nine !ten %eleven',
      on: '@at `tick` | > ? :',
    };
    expect(await readYaml(writeYaml(strange))).toEqual(strange);
  });

  it('CS-1.3: is served to everybody as /v1/api.yaml, and /v1 leads there', async () => {
    const gateway = await startTestGateway();
    const answer = await call(gateway, 'get', '/v1/api.yaml').responseType('blob');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/yaml/);
    expect(String(answer.body)).toBe(makeApiDocument('standalone'));
    const redirect = await call(gateway, 'get', '/v1').redirects(0);
    expect(redirect.status).toBe(301);
    expect(redirect.headers['location']).toBe('/v1/api.yaml');
    expect(redirect.text).toBe('<a href="/v1/api.yaml">Moved Permanently</a>.\n\n');
  });

  it.each(modes)('describes only what is served, and no other method there (%s)', async (mode) => {
    const gateway = await startTestGateway({ EVERLEAF_MODE: mode });
    for (const { path, method, operation } of operationsOf(mode)) {
      const send = operation['x-internal'] === true ? callAdmin : call;
      const { status } = await send(gateway, method, path).redirects(0);
      expect({ path, method, status: String(status) }).toEqual({
        path,
        method,
        status: expect.stringMatching(/^(200|301|400|401|403)$/),
      });
      expect(Object.keys(operation.responses)).toContain(String(status));
      const other = method === 'get' ? 'post' : 'get';
      await send(gateway, other, path).expect(405);
    }
  });

  it.each([
    ['standalone', ['applications']],
    ['central', ['applications', 'runtimes']],
  ] as const)('describes every path that the routes mount (%s)', (mode, prefixes) => {
    const mounted = (file: string) =>
      Array.from(
        readFileSync(`src/connector/${file}`, 'utf8').matchAll(/mountPath\(router, paths\.(\w+)/g),
        ([, name]) => name,
      );
    const described = (tag: string) =>
      operationsOf(mode)
        .flatMap(({ path, operation }) => (operation.tags.includes(tag) ? [path] : []))
        .sort();
    const paths: Readonly<Record<string, string>> = {
      signingInfo: 'signingRequests/info',
      certificates: 'certificates',
      managementInfo: 'management/info',
      renewals: 'certificates/renewals',
      revocations: 'certificates/revocations',
      tokens: 'tokens',
    };
    const expected = (names: readonly (string | undefined)[]) =>
      prefixes
        .flatMap((prefix) => names.map((name) => `/v1/${prefix}/${String(paths[name ?? ''])}`))
        .sort();
    const external = [...mounted('pairing-routes.ts'), ...mounted('holder-routes.ts')];
    expect(external).toHaveLength(5);
    expect(described('external')).toEqual(['/v1', '/v1/api.yaml', ...expected(external)].sort());
    expect(described('internal')).toEqual(expected(mounted('internal-routes.ts')));
  });

  it('gives every reason under its status, and leaves out only those of no route, of users and of EST', () => {
    const listed = new Set<string>();
    for (const { operation } of operationsOf('standalone')) {
      for (const [status, { 'x-reasons': reasons = [] }] of Object.entries(operation.responses)) {
        for (const reason of reasons) {
          listed.add(reason);
          expect({
            reason,
            status: String(Reflect.get(connectorDialect.statuses, reason)),
          }).toEqual({
            reason,
            status,
          });
        }
      }
    }
    const unlisted = Object.keys(failureKinds).filter((kind) => !listed.has(kind));
    expect(unlisted).toEqual([
      'not-found',
      'method-not-allowed',
      'user-token-missing',
      'user-token-invalid',
      'login-failed',
      'sign-in-stale',
      'session-missing',
      'provider-unavailable',
      'project-unknown',
      'right-missing',
      'resource-unknown',
      'exists-already',
      'state-conflict',
      'handed-out-already',
      'media-type-unsupported',
      'authority-step-refused',
    ]);
  });

  it.each(modes)(
    'refers only to schemas that it has, and names no operation twice (%s)',
    (mode) => {
      const text = JSON.stringify(documentOf(mode));
      const ids = Array.from(text.matchAll(/"operationId":"(\w+)"/g), ([, id]) => id);
      expect([...new Set(ids)]).toEqual(ids);
      const wanted = Array.from(
        text.matchAll(/#\/components\/schemas\/(\w+)/g),
        ([, name]) => name,
      );
      const { components } = describeApi(mode) as unknown as { components: { schemas: object } };
      expect([...new Set(wanted)].sort()).toEqual(Object.keys(components.schemas).sort());
    },
  );
});
