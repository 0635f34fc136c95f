import { expect, it } from '@jest/globals';
import request from 'supertest';
import { readApiDocument, operationsOf } from '../support/api-document.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { rotationRow } from '../support/due-rotations.js';
import { startTestGateway } from '../support/gateway.js';
import {
  approvedRotation,
  askForRotation,
  digestFor,
  openGovernance,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { startMailServer } from '../support/mail-server.js';
import type { MailServer } from '../support/mail-server.js';
import { callAsUser } from '../support/people.js';
import { replicaSettings } from '../support/replicas.js';
import { everythingKept, formsOfKey, foundIn } from '../support/scan-secrets.js';
import type { Place, Secrets } from '../support/scan-secrets.js';

/** What every route that reads answers to everybody, those of governance first. */
async function everythingAnswered(governed: Governed, path: string): Promise<Place[]> {
  const { gateway, organization, access, group, root, ann, ben, outsider } = governed;
  const rotations = `/access/${access}/rotations`;
  const below = ['/access', `/access/${access}`, rotations, `${rotations}${path}`, '/approvals'];
  const values: Readonly<Record<string, string>> = {
    organization,
    access,
    group,
    rotation: path.slice(1),
    project: 'p1',
    service: 'kafka-1',
    user: 'orders',
  };
  const described = operationsOf(await readApiDocument(gateway))
    .filter(({ method }) => method === 'get')
    .map(({ path: route }) => route.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name)));
  function valueOf(name: string): string {
    const known = Object.keys(values).find((key) => name.toLowerCase().startsWith(key));
    return name === 'username' ? 'orders' : (values[known ?? ''] ?? 'x');
  }
  const governance = `/v1/organization/${organization}/governance`;
  const paths = new Set([...below.map((one) => `${governance}${one}`), ...described, '/metrics']);
  const places: Place[] = [];
  for (const [name, user] of Object.entries({ root, ann, ben, outsider }))
    for (const one of paths) {
      const { text } = await callAsUser(gateway, user, 'get', one);
      places.push({ name: `${one} as ${name}`, bytes: Buffer.from(text) });
    }
  const metrics = await request(gateway.urls.admin)
    .get('/metrics')
    .ca(gateway.ca)
    .set('Authorization', `Bearer ${gateway.adminToken}`);
  return [...places, { name: '/metrics', bytes: Buffer.from(metrics.text) }];
}

/** Every mail as it came, and as its reader has it. */
async function everythingMailed({ gateway }: Governed, server: MailServer): Promise<Place[]> {
  await gateway.deliverAnnouncements();
  expect(server.mails.length).toBeGreaterThan(3);
  return server.mails.map(({ raw, text, html, headers }, index) => ({
    name: `mail ${String(index)}`,
    bytes: Buffer.from(JSON.stringify([raw, text, html, headers])),
  }));
}

function answered(name: string, { text }: { readonly text: string }): Place {
  return { name, bytes: Buffer.from(text) };
}

describeOnEachDatabase('the secrets of a rotation', (fresh) => {
  async function open() {
    const { url } = await fresh();
    const server = await startMailServer();
    const mail = { EVERLEAF_SMTP_URL: server.url, EVERLEAF_MAIL_FROM: 'everleaf@example.com' };
    return {
      server,
      governed: await openGovernance(await startTestGateway({ ...replicaSettings(url), ...mail })),
    };
  }

  it('SU-G9, SU-G10: are nowhere but in the one answer that reveals them', async () => {
    const { governed, server } = await open();
    const { gateway, rotations, ann, ben, cleo } = governed;
    const path = await askForRotation(governed);
    const digest = await digestFor(governed, path);
    const approved = await rotations(ben, 'post', `${path}/approve`, { digest }).expect(200);
    const { sealed_data_key, sealed_credentials } = (await rotationRow(gateway, path)) ?? {};
    const sealed: Secrets = {
      'the sealed data key': String(sealed_data_key),
      'the sealed credentials': String(sealed_credentials).slice(100, 300),
    };
    const whileWaiting = [
      answered('approve', approved),
      answered('reveal as Cleo', await rotations(cleo, 'post', `${path}/reveal`).expect(403)),
      ...(await everythingKept(gateway)),
      ...(await everythingAnswered(governed, path)),
    ];
    // While they wait they have to be somewhere: a scan that does not find them finds nothing.
    expect(foundIn(whileWaiting, sealed)).toEqual(
      expect.arrayContaining([
        'the sealed data key: table rotation_requests',
        'the sealed credentials: table rotation_requests',
      ]),
    );

    const { body } = await rotations(ann, 'post', `${path}/reveal`).expect(200);
    const again = answered('again', await rotations(ann, 'post', `${path}/reveal`).expect(410));
    const { access_key, password } = body.credentials;
    const files = body.files as { name: string; content: string }[];
    const contentOf = (name: string) =>
      Buffer.from(files.find((file) => file.name === name)?.content ?? '', 'base64');
    const storePassword = /password=(\S+)/.exec(contentOf('client.properties').toString())?.[1];
    const clear: Secrets = {
      ...formsOfKey(access_key),
      'the password': password,
      'the password of the key store': String(storePassword),
      'the key store': contentOf('client.keystore.p12').subarray(100, 200),
    };
    expect(Object.values(clear).map(String)).not.toContain('undefined');
    const afterwards = [
      again,
      ...(await everythingMailed(governed, server)),
      ...(await everythingKept(gateway)),
      ...(await everythingAnswered(governed, path)),
    ];

    expect(foundIn(whileWaiting, clear)).toEqual([]);
    expect(foundIn(afterwards, { ...clear, ...sealed })).toEqual([]);

    await gateway.database.db
      .updateTable('rotation_requests')
      .set({ failure: String(access_key) })
      .execute();
    expect(foundIn(await everythingKept(gateway), clear)).toContain(
      'line 1 of the PEM: table rotation_requests',
    );
  });

  it('SU-G12: are erased with a request that lapses, is followed by another, or loses its access', async () => {
    const { governed } = await open();
    const { gateway, as, root, access } = governed;
    const sealedIn = async (path: string): Promise<Secrets> => ({
      [path]: String((await rotationRow(gateway, path))?.sealed_data_key),
    });
    const lapsing = await sealedIn(await approvedRotation(governed));
    gateway.clock.advance(7 * 86_400);
    await gateway.tendRotations();
    expect(foundIn(await everythingKept(gateway), lapsing)).toEqual([]);

    const followed = await sealedIn(await approvedRotation(governed));
    const last = await sealedIn(await approvedRotation(governed));
    expect(foundIn(await everythingKept(gateway), followed)).toEqual([]);
    expect(foundIn(await everythingKept(gateway), last)).not.toEqual([]);
    await as(root, 'delete', `/access/${access}`).expect(200);
    expect(foundIn(await everythingKept(gateway), last)).toEqual([]);
  });
});
