import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createToken, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { outputOf } from '../support/run.js';
import { installed } from '../support/tools.js';

/** The README's block of lines for EST that begins with `first`, as printed but for the address. */
function readmeBlock(gateway: TestGateway, first: string): string {
  const readme = readFileSync('README.md', 'utf8');
  const section = /^### EST$[^]*?(?=^### )/m.exec(readme)?.[0] ?? '';
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text);
  const block = blocks.find((text) => text.startsWith(first));
  if (block === undefined) throw new Error(`README.md has no such block: ${first}`);
  return block.replaceAll('https://localhost:8443', gateway.urls.gateway);
}

/** Runs lines in a folder of their own with a token for my-app; the folder. */
async function runLines(gateway: TestGateway, lines: string): Promise<string> {
  const folder = temporaryHome();
  const CA_FILE = join(folder, 'ca.crt');
  writeFileSync(CA_FILE, gateway.ca);
  const TOKEN = await createToken(gateway, 'my-app');
  const env = { ...process.env, CA_FILE, TOKEN };
  const input = `set -e -o pipefail\n${lines}`;
  writeFileSync(join(folder, 'out'), await outputOf(['bash', '-s'], { cwd: folder, env, input }));
  return folder;
}

/** openssl trusts these files of the folder for a TLS client. */
async function verify(folder: string, ...files: readonly string[]): Promise<void> {
  const words = ['-x509_strict', '-purpose', 'sslclient', '-CAfile', 'ca.crt', ...files];
  await outputOf(['openssl', 'verify', ...words], { cwd: folder });
}

async function publicKeyOf(folder: string, file: string): Promise<string> {
  return await outputOf(['openssl', 'x509', '-noout', '-pubkey', '-in', file], { cwd: folder });
}

describe('curl and openssl', () => {
  it('enrol and renew by EST with the lines of the README', async () => {
    const gateway = await startTestGateway();
    const folder = await runLines(gateway, readmeBlock(gateway, 'EST='));

    await verify(folder, 'my-app.crt', 'renewed.crt');
    expect(readFileSync(join(folder, 'out'), 'utf8')).toContain(gateway.ca.trim());
    const [first, second] = await recordedCertificates(gateway);
    expect(second?.predecessor).toBe(first?.sha256);
    expect(await eventsOf(gateway, 'certificate.enrolled', 'certificate.renewed')).toHaveLength(2);
  });

  it('renew by EST with a new key', async () => {
    const gateway = await startTestGateway();
    const folder = await runLines(
      gateway,
      `${readmeBlock(gateway, 'EST=')}
openssl ecparam -name prime256v1 -genkey -noout -out new.key
openssl req -new -key new.key -subj "$SUBJECT" -outform DER | openssl base64 > new.p10
curl --fail --cacert "$CA_FILE" --cert renewed.crt --key my-app.key -H 'Content-Type: application/pkcs10' --data-binary @new.p10 $EST/simplereenroll | openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs -out new.crt
`,
    );

    await verify(folder, 'new.crt');
    const words = ['pkey', '-pubout', '-in', 'new.key'];
    const newKey = await outputOf(['openssl', ...words], { cwd: folder });
    expect(await publicKeyOf(folder, 'new.crt')).toBe(newKey);
    expect(await publicKeyOf(folder, 'renewed.crt')).not.toBe(newKey);
  });

  it('are told what to set where the content type is left to curl', async () => {
    const gateway = await startTestGateway();
    const [untilEnrolment = ''] = readmeBlock(gateway, 'EST=').split(/(?<=simpleenroll .*\n)/);
    const folder = await runLines(gateway, untilEnrolment.replace(/ -H '[^']*'/, ''));

    expect(readFileSync(join(folder, 'my-app.p7'), 'utf8')).toContain(
      "Set it: curl -H 'Content-Type: application/pkcs10'",
    );
  });
});

const withPki = installed('pki').length === 1 ? it : it.skip;

describe("strongSwan's pki", () => {
  withPki('enrols and renews by EST with the lines of the README', async () => {
    const gateway = await startTestGateway();
    const folder = await runLines(gateway, readmeBlock(gateway, 'GATEWAY='));

    await verify(folder, 'my-app.crt', 'renewed.crt');
    await verify(folder, '-CAfile', 'ca-certificates.crt', 'my-app.crt');
    const [first, second] = await recordedCertificates(gateway);
    expect(second?.predecessor).toBe(first?.sha256);
  });
});
