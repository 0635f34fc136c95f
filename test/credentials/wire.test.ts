import { describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import { callAsUser, expectRefusal, openProject } from '../support/people.js';
import { openTls } from '../support/wire.js';

const odd = 'a/b+c=d@example.com';
const oddPath = encodeURIComponent(odd);

describe('the wire of Aiven’s clients', () => {
  it('SU-W2: serves calls without a body that carry a content type', async () => {
    const { gateway, root, asRoot } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project/p1/invite', { user_email: odd }).expect(200);
    for (const [method, path] of [
      ['get', '/v1/project'],
      ['get', '/v1/project/p1/users'],
      ['delete', `/v1/project/p1/invite/${oddPath}`],
      ['delete', '/v1/project/p1'],
    ] as const) {
      await callAsUser(gateway, root, method, path)
        .set('Content-Type', 'application/octet-stream')
        .expect(200);
    }
  });

  it('SU-W4: decodes a segment of the path after splitting, so that an address may hold a slash', async () => {
    const { asRoot, addMember } = await openProject(await startTestGateway());
    await addMember('developer', odd);
    expect(oddPath).toBe('a%2Fb%2Bc%3Dd%40example.com');
    await asRoot('put', `/v1/project/p1/user/${oddPath}`, { member_type: 'operator' }).expect(200);
    const { body } = await asRoot('get', '/v1/project/p1/users');
    expect(body.users[0]).toMatchObject({ user_email: odd, member_type: 'operator' });
    expectRefusal(await asRoot('delete', `/v1/project/p1/user/${odd}`), 404, 'not-found');
    await asRoot('delete', `/v1/project/p1/user/${oddPath}`).expect(200);
  });

  it('SU-W5: refuses in one form: unknown routes, wrong methods, malformed paths, bodies too large', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    expectRefusal(await asRoot('get', '/v1/nothing/here'), 404, 'not-found');
    expectRefusal(await asRoot('get', '/v1/project/p1/nothing'), 404, 'not-found');
    expectRefusal(await asRoot('get', '/v1/project/p1/'), 404, 'not-found');
    expectRefusal(await asRoot('patch', '/v1/project/p1'), 405, 'method-not-allowed');
    expectRefusal(await asRoot('get', '/v1/project/%E0%A4'), 400, 'path-malformed');
    const large = { project: 'x'.repeat(70_000) };
    expectRefusal(await asRoot('post', '/v1/project', large), 413, 'body-too-large');
    const zipped = asRoot('post', '/v1/project', {}).set('Content-Encoding', 'gzip');
    expectRefusal(await zipped, 415, 'encoding-unsupported');
  });

  it('SU-W5: keeps web pages out in the same form', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const page = asRoot('get', '/v1/project').set('Origin', 'https://evil.example');
    expectRefusal(await page, 403, 'browser-request');
  });

  it('SU-W6: ignores query parameters that it does not know, on writes too', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const query = '?limit=999&include_secrets=true&limit=1';
    for (const [method, path, body] of [
      ['get', '/v1/project', undefined],
      ['post', '/v1/project', { project: 'p2' }],
      ['get', '/v1/project/p1', undefined],
      ['put', '/v1/project/p1', { cloud: 'x' }],
      ['get', '/v1/project/p1/users', undefined],
      ['get', '/v1/organizations', undefined],
      ['delete', '/v1/project/p1', undefined],
    ] as const)
      await asRoot(method, `${path}${query}`, body).expect(200);
  });

  it('leaves the internal API its own form', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const { body } = await asRoot('post', '/v1/applications/tokens');
    expect(body).toMatchObject({ code: 401, reason: 'access-token-missing' });
  });

  it('does not open on the gateway listener', async () => {
    const { gateway, root } = await openProject(await startTestGateway());
    const socket = await openTls(gateway);
    socket.write(
      `GET /v1/project HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${root.token}\r\nConnection: close\r\n\r\n`,
    );
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 404 /);
  });
});
