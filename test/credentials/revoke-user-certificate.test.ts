import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import { startWithPkiUrl } from '../support/ocsp.js';
import { startOn } from '../support/people.js';
import { caOf, listOf, statusOf } from '../support/project-lists.js';
import { outputOf } from '../support/run.js';
import { openService, renewUser, servicePath, sha256Of } from '../support/services.js';

function textOf(certPem: string): Promise<string> {
  return outputOf(['openssl', 'x509', '-noout', '-text'], { input: certPem });
}

describeOnEachDatabase('the certificate of a service user', (fresh) => {
  it('is revoked by the operator, alone or with its successors, and the project reads of it', async () => {
    const gateway = await startOn(await fresh());
    const { asRoot, user, reset } = await openService(gateway);
    const ca = await caOf(gateway, 'p1');
    const username = 'a/b';
    const path = encodeURIComponent(username);
    await asRoot('post', `${servicePath}/user`, { username }).expect(200);
    const first = (await user(path)).access_cert;
    await renewUser(gateway, username);
    const second = (await user(path)).access_cert;
    await commandLine(gateway, `certificate revoke ${sha256Of(first)} --reason superseded`);
    expect(await statusOf(gateway, ca, first)).toBe('revoked');
    expect(await statusOf(gateway, ca, second)).toBe('good');

    const compromise = `certificate revoke ${sha256Of(first)} --reason keyCompromise`;
    expect(await commandLine(gateway, compromise)).toMatchObject({ descendants: 1 });
    expect(await statusOf(gateway, ca, second)).toBe('revoked');
    const primary = (await user('avnadmin')).access_cert;
    expect(await statusOf(gateway, ca, primary)).toBe('good');
    expect((await listOf(gateway, ca)).text.match(/Key Compromise/g)).toHaveLength(2);

    await reset(path).expect(200);
    const third = (await user(path)).access_cert;
    expect(await statusOf(gateway, ca, third)).toBe('good');
    await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
      .send({ hash: sha256Of(third), reason: 'affiliationChanged' })
      .expect(201);
    expect(await statusOf(gateway, ca, third)).toBe('revoked');

    const { body } = await asRoot('get', '/v1/project/p1/events').expect(200);
    const told = (body.events as { event_type: string; event_desc: string; service_name: string }[])
      .filter(({ event_type }) => event_type.includes('revoked'))
      .map(({ event_desc, service_name }) => [service_name, event_desc]);
    expect(told).toEqual([
      ['kafka-1', 'A certificate of a/b was revoked: affiliationChanged.'],
      ['kafka-1', 'A certificate of a/b was revoked: keyCompromise.'],
      ['kafka-1', 'A certificate of a/b was revoked: superseded.'],
    ]);
  });
});

describe('the certificate of a service user', () => {
  it('names the list, the responder and the CA of its project, which are served there', async () => {
    const gateway = await startWithPkiUrl();
    const { user } = await openService(gateway);
    const { access_cert } = await user('avnadmin');
    const { id } = await caOf(gateway, 'p1');
    const base = `${gateway.urls.pki}/pki`;
    const text = await textOf(access_cert);
    expect(text).toMatch(new RegExp(`CRL Distribution Points: \\n.*\\n +URI:${base}/${id}.crl\n`));
    expect(text).toContain(`OCSP - URI:${base}/ocsp\n`);
    expect(text).toContain(`CA Issuers - URI:${base}/${id}.crt\n`);
    await renewUser(gateway, 'avnadmin');
    expect(await textOf((await user('avnadmin')).access_cert)).toContain(`${id}.crl`);
    for (const end of ['crl', 'crt']) await request(base).get(`/${id}.${end}`).expect(200);
    expect(await statusOf(gateway, await caOf(gateway, 'p1'), access_cert)).toBe('good');
  });

  it('names none of them where the pki listener has no URL', async () => {
    const { user } = await openService(await startTestGateway());
    expect(await textOf((await user('avnadmin')).access_cert)).not.toContain('URI:');
  });
});
