import { describe, expect, it } from '@jest/globals';
import { createHash, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring, makeIssued, makeRoot } from '../support/authority-files.js';
import { createToken, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, successorsOf } from '../support/record.js';
import { outputOf, run } from '../support/run.js';
import { installed } from '../support/tools.js';

const here = installed('pki').length === 1 ? describe : describe.skip;

/** The subject as strongSwan writes it. */
const name = 'C=DE, ST=Waldorf, L=Waldorf, O=Organization, OU=OrgUnit, CN=app';

/** strongSwan's `pki` in a folder of its own that trusts a gateway. */
function openFolder(gateway: TestGateway) {
  const folder = temporaryHome();
  const at = (file: string): string => join(folder, file);
  const keep = async (file: string, ...words: readonly string[]): Promise<string> => {
    writeFileSync(at(file), await outputOf(['pki', ...words, '--outform', 'pem']));
    return at(file);
  };
  writeFileSync(at('ca.crt'), gateway.ca);
  const est = ['--est', '--url', gateway.urls.gateway, '--cacert', at('ca.crt')] as const;
  return {
    folder,
    makeKey: (file: string) => keep(file, '--gen', '--type', 'ecdsa', '--size', '256'),
    makeRequest: (file: string, key: string) =>
      keep(file, '--req', '--type', 'priv', '--in', key, '--dn', name),
    enrol: (file: string, request: string, token: string) =>
      keep(file, ...est, '--in', request, '--userpass', `app:${token}`),
    tryToEnrol: (request: string, userpass: string) =>
      run(['pki', ...est, '--in', request, '--userpass', userpass]),
    renew: (file: string, request: string, old: { cert: string; key: string }) =>
      keep(file, ...est, '--in', request, '--cert', old.cert, '--key', old.key),
  };
}

function read(file: string): X509Certificate {
  return new X509Certificate(readFileSync(file));
}

function sha256Of(file: string): string {
  return createHash('sha256').update(read(file).raw).digest('hex');
}

here("strongSwan's pki", () => {
  it('gets the CA by --estca', async () => {
    const gateway = await startTestGateway();
    const { folder } = openFolder(gateway);
    const files = ['--cacert', join(folder, 'ca.crt'), '--caout', join(folder, 'got.crt')];
    const words = ['--estca', '--url', gateway.urls.gateway, ...files, '--outform', 'pem'];
    await outputOf(['pki', ...words]);

    expect(read(join(folder, 'got.crt')).raw).toEqual(new X509Certificate(gateway.ca).raw);
  });

  it('gets a brought issuing CA with its root by --estca', async () => {
    const home = temporaryHome();
    const root = await makeRoot({ folder: home, name: 'Root', key: 'rsa' });
    const issuing = await makeIssued({ folder: home, name: 'Issuing', issuer: root });
    const gateway = await startTestGateway(bring(issuing, root.certFile));
    const { folder } = openFolder(gateway);
    const files = ['--cacert', join(folder, 'ca.crt'), '--caout', join(folder, 'got.crt')];
    const words = ['--estca', '--url', gateway.urls.gateway, ...files, '--outform', 'pem'];
    await outputOf(['pki', ...words]);

    const got = readdirSync(folder).filter((file) => file.startsWith('got'));
    const certificates = got.map((file) => read(join(folder, file)).raw.toString('base64'));
    expect(certificates.sort()).toEqual(
      [issuing, root].map(({ certFile }) => read(certFile).raw.toString('base64')).sort(),
    );
  });

  it('enrols by --userpass, and renews by --cert and --key with the same key and with a new one', async () => {
    const gateway = await startTestGateway();
    const application = openFolder(gateway);
    const key = await application.makeKey('app.key');
    const request = await application.makeRequest('app.csr', key);
    const token = await createToken(gateway, 'app');

    const first = await application.enrol('first.crt', request, token);
    const second = await application.renew('second.crt', request, { cert: first, key });
    const newKey = await application.makeKey('new.key');
    const newRequest = await application.makeRequest('new.csr', newKey);
    const third = await application.renew('third.crt', newRequest, { cert: second, key });

    const ca = join(application.folder, 'ca.crt');
    const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca] as const;
    await outputOf(['openssl', ...verify, first, second, third]);
    expect(await successorsOf(gateway, sha256Of(first))).toMatchObject([
      { sha256: sha256Of(second) },
    ]);
    expect(await successorsOf(gateway, sha256Of(second))).toMatchObject([
      { sha256: sha256Of(third) },
    ]);
    expect(await eventsOf(gateway, 'certificate.enrolled', 'certificate.renewed')).toHaveLength(3);
  });

  it('is told 401 for a used token, and for the name of another application', async () => {
    const gateway = await startTestGateway();
    const application = openFolder(gateway);
    const request = await application.makeRequest('app.csr', await application.makeKey('app.key'));
    const token = await createToken(gateway, 'app');

    const foreign = await application.tryToEnrol(request, `another:${token}`);
    expect(foreign).toMatchObject({ code: 1, stdout: '' });
    expect(foreign.stderr).toContain('EST request failed: HTTP 401');
    await application.enrol('app.crt', request, token);
    const again = await application.tryToEnrol(request, `app:${token}`);
    expect(again.stderr).toContain('EST request failed: HTTP 401');
  });
});
