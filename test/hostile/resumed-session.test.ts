import { describe, expect, it } from '@jest/globals';
import type { TLSSocket } from 'node:tls';
import type { Holder, TestGateway } from '../support/gateway.js';
import { callAdmin, pair, startTestGateway } from '../support/gateway.js';
import type { WireAnswer } from '../support/wire.js';
import { ask, openTls, readToEnd, requestText } from '../support/wire.js';

const info = requestText('GET', '/v1/applications/management/info');
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];

/** Opens a connection of one TLS version, asks once, and keeps the session that the gateway offers. */
async function openSession(
  gateway: TestGateway,
  version: Version,
  holder?: Holder,
): Promise<{ socket: TLSSocket; answer: WireAnswer; session: Buffer }> {
  const pairOf = holder === undefined ? {} : { holder };
  const socket = await openTls(gateway, { ...pairOf, minVersion: version, maxVersion: version });
  let session: Buffer | undefined = socket.getSession();
  // TLS 1.3 sends tickets after the handshake, ahead of the first answer.
  socket.on('session', (ticket: Buffer) => (session = ticket));
  const answer = await ask(socket, info);
  if (!session) throw new Error('the gateway offered no session');
  return { socket, answer, session };
}

/** The same question on a new connection that resumes a session, by default without any certificate. */
async function askResumed(
  gateway: TestGateway,
  version: Version,
  resume: { session: Buffer; holder?: Holder },
): Promise<WireAnswer> {
  const socket = await openTls(gateway, { ...resume, minVersion: version, maxVersion: version });
  expect(socket.isSessionReused()).toBe(true);
  return await ask(socket, info);
}

async function revoke(gateway: TestGateway, { sha256 }: Holder): Promise<void> {
  await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
    .send(JSON.stringify({ hash: sha256 }))
    .expect(201);
}

function expectRefused(answer: WireAnswer, reason: string, status = 403): void {
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ code: status, reason });
  expect(answer.headers.get('connection')).toBe('close');
}

describe.each(versions)('a resumed session of %s', (version) => {
  it('HI-C3: serves a good certificate without another handshake', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const { answer, session } = await openSession(gateway, version, holder);
    expect(answer.status).toBe(200);
    const resumed = await askResumed(gateway, version, { session, holder });
    expect(JSON.parse(resumed.body)).toMatchObject({ clientIdentity: { application: 'app' } });
    expect((await askResumed(gateway, version, { session })).status).toBe(200);
  });

  it('HI-C3: is refused after the end of validity', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '1h' });
    const holder = await pair(gateway);
    const { session } = await openSession(gateway, version, holder);
    gateway.clock.advance(3601);
    expectRefused(await askResumed(gateway, version, { session, holder }), 'certificate-expired');
    expectRefused(await askResumed(gateway, version, { session }), 'certificate-expired');
  });

  it('HI-C3 HI-C6: is refused after the revocation', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const { session } = await openSession(gateway, version, holder);
    await revoke(gateway, holder);
    expectRefused(await askResumed(gateway, version, { session, holder }), 'certificate-revoked');
    expectRefused(await askResumed(gateway, version, { session }), 'certificate-revoked');
  });

  it('HI-C3: is nobody when it began without a certificate, though TLS calls it authorized', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const { answer, session } = await openSession(gateway, version);
    expectRefused(answer, 'certificate-required', 401);
    expectRefused(await askResumed(gateway, version, { session }), 'certificate-required', 401);
    const withPair = await askResumed(gateway, version, { session, holder });
    expectRefused(withPair, 'certificate-required', 401);
  });
});

describe('a kept-alive connection', () => {
  it('HI-C4: is answered 403 and closed on the first request after the end of validity', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '1h' });
    const { socket, answer } = await openSession(gateway, 'TLSv1.3', await pair(gateway));
    expect(answer.status).toBe(200);
    expect((await ask(socket, info)).status).toBe(200);
    gateway.clock.advance(3601);
    expectRefused(await ask(socket, info), 'certificate-expired');
    expect(await readToEnd(socket)).toBe('');
  });

  it('HI-C6: is answered 403 and closed on the first request after the revocation', async () => {
    const gateway = await startTestGateway();
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    const [revoked, untouched] = [
      await openSession(gateway, 'TLSv1.3', holder),
      await openSession(gateway, 'TLSv1.3', other),
    ];
    await revoke(gateway, holder);
    expectRefused(await ask(revoked.socket, info), 'certificate-revoked');
    expect(await readToEnd(revoked.socket)).toBe('');
    expect((await ask(untouched.socket, info)).status).toBe(200);
  });
});
