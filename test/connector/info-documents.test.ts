import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import {
  call,
  callAdmin,
  createToken,
  csrBody,
  holderFrom,
  pair,
  startTestGateway,
  subjectOf,
} from '../support/gateway.js';
import { makeKey } from '../support/requests.js';
import {
  askInfo,
  certificatesPath,
  enrol,
  infoPath,
  managementPath,
  renewalsPath,
  revocationsPath,
  tokensPath,
} from './shape.js';

describe('the signing info', () => {
  it('CS-7: has these keys in this order and these values', async () => {
    const gateway = await startTestGateway();
    const { gateway: url } = gateway.urls;
    const { body, text } = await askInfo(gateway, await createToken(gateway, 'app'));
    const token = String(body.csrUrl)
      .replace(/^.*=(?=.{88}$)/, '')
      .slice(-88);
    expect(JSON.parse(text)).toEqual({
      csrUrl: `${url}${certificatesPath}?token=${token}`,
      api: {
        eventsInfoUrl: `${url}/app/v1/events/subscribed`,
        eventsUrl: `${url}/app/v1/events`,
        metadataUrl: `${url}/app/v1/metadata/services`,
        infoUrl: `${url}${managementPath}`,
        certificatesUrl: `${url}${certificatesPath}`,
      },
      certificate: {
        subject: 'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=app',
        extensions: '',
        'key-algorithm': 'rsa2048',
      },
    });
    expect(text.match(/"[\w-]+":/g)?.map((key) => key.slice(1, -2))).toEqual([
      ...['csrUrl', 'api', 'eventsInfoUrl', 'eventsUrl', 'metadataUrl', 'infoUrl'],
      ...['certificatesUrl', 'certificate', 'subject', 'extensions', 'key-algorithm'],
    ]);
  });

  it('CS-7, CS-1.10: follows the settings for subject and URLs', async () => {
    const gateway = await startTestGateway({
      EVERLEAF_SUBJECT_O: 'Völklinger Hütte',
      EVERLEAF_SUBJECT_OU: 'R&D',
      EVERLEAF_SUBJECT_L: 'St. Ingbert',
      EVERLEAF_SUBJECT_ST: "D'Arc",
      EVERLEAF_SUBJECT_C: 'FR',
      EVERLEAF_EVENTS_BASE_URL: 'https://events.example.com/base/',
    });
    const { body } = await askInfo(gateway, await createToken(gateway, 'my app'));
    expect(body.certificate.subject).toBe(
      "O=Völklinger Hütte,OU=R&D,L=St. Ingbert,ST=D'Arc,C=FR,CN=my app",
    );
    expect(body.api.eventsUrl).toBe('https://events.example.com/base/my%20app/v1/events');
    expect(body.api.infoUrl).toBe(`${gateway.urls.gateway}${managementPath}`);
  });

  it('CS-1.10: hands out EVERLEAF_GATEWAY_URL, port included', async () => {
    const url = 'https://gateway.example.com:444';
    const gateway = await startTestGateway({
      EVERLEAF_GATEWAY_URL: `${url}/`,
    });
    const created = await callAdmin(gateway, 'post', tokensPath).set('Application', 'app');
    expect(created.body.url).toBe(`${url}${infoPath}?token=${String(created.body.token)}`);
    expect(gateway.urls.gateway).toBe(url);
  });
});

describe('the management info', () => {
  it('CS-7: has these keys in this order and these values', async () => {
    const gateway = await startTestGateway();
    const { gateway: url } = gateway.urls;
    const holder = await pair(gateway);
    const { body, text } = await call(gateway, 'get', managementPath, holder).expect(200);
    const { validFrom, validTo } = new X509Certificate(holder.certPem);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    expect(JSON.parse(text)).toEqual({
      clientIdentity: { application: 'app' },
      urls: {
        eventsInfoUrl: `${url}/app/v1/events/subscribed`,
        eventsUrl: `${url}/app/v1/events`,
        metadataUrl: `${url}/app/v1/metadata/services`,
        renewCertUrl: `${url}${renewalsPath}`,
        revokeCertUrl: `${url}${revocationsPath}`,
        revocationCertUrl: `${url}${revocationsPath}`,
      },
      certificate: {
        subject: 'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=app',
        extensions: '',
        'key-algorithm': 'rsa2048',
        notAfter: new Date(to).toISOString(),
      },
      renewal: {
        start: expect.any(String),
        end: expect.any(String),
      },
    });
    expect(Object.keys(body)).toEqual(['clientIdentity', 'urls', 'certificate', 'renewal']);
    const [start, end] = [Date.parse(body.renewal.start), Date.parse(body.renewal.end)];
    expect(start - from).toBeGreaterThanOrEqual(((to - from) * 2) / 3);
    expect(end - from).toBeLessThanOrEqual(((to - from) * 5) / 6);
    expect(end).toBeGreaterThan(start);
  });

  it('CS-7: names the same certificate as the signing info did, and its end', async () => {
    const gateway = await startTestGateway({ EVERLEAF_SUBJECT_O: 'Grün & Söhne' });
    const info = await askInfo(gateway, await createToken(gateway, 'app'));
    const key = makeKey('prime256v1');
    const subject = subjectOf('app').replace('Organization', 'Grün & Söhne');
    const token = String(info.body.csrUrl).slice(-88);
    const enrolled = await enrol(gateway, token, csrBody({ key, subject }));
    const holder = holderFrom(enrolled.body, { application: 'app', key });
    const { body } = await call(gateway, 'get', managementPath, holder).expect(200);
    expect(body.certificate).toEqual({ ...info.body.certificate, notAfter: expect.any(String) });
  });

  it('CS-7: keeps the subject of the certificate when the settings change', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const changed = await gateway.restart({ EVERLEAF_SUBJECT_O: 'Another' });
    const { body } = await call(changed, 'get', managementPath, holder).expect(200);
    expect(body.certificate.subject).toContain('O=Organization,');
  });

  it('CS-1.3: is for the holder of a certificate alone', async () => {
    const gateway = await startTestGateway();
    const { body } = await call(gateway, 'get', managementPath).expect(401);
    expect(body).toMatchObject({
      error: 'A client certificate is required.',
      reason: 'certificate-required',
    });
  });
});
