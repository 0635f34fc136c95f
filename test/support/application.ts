import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayProcess } from './gateway-process.js';
import { outputOf } from './run.js';

/** Options of `openssl genpkey`, by the name of the key type. */
export const keyOptions = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'p-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ed25519: ['-algorithm', 'ED25519'],
} as const;

/** An application with its key and its first certificate in files, paired by token with curl and openssl. */
export interface Application {
  readonly certFile: string;
  readonly keyFile: string;
  /** The whole chain, as the gateway answered it. */
  readonly chainPem: string;
}

export async function pairApplication(input: {
  readonly gateway: GatewayProcess;
  readonly folder: string;
  readonly name: string;
  readonly key?: keyof typeof keyOptions;
}): Promise<Application> {
  const { gateway, folder, name, key = 'p-256' } = input;
  const certFile = join(folder, 'app.crt');
  const keyFile = join(folder, 'app.key');
  const requestFile = join(folder, 'app.csr');
  const curl = ['curl', '-q', '-sS', '--fail', '--cacert', gateway.caFile] as const;

  const { url } = await gateway.createToken(name);
  const info = JSON.parse(await outputOf([...curl, url])) as {
    csrUrl: string;
    certificate: { subject: string };
  };
  await outputOf(['openssl', 'genpkey', ...keyOptions[key], '-out', keyFile]);
  const subject = `/${info.certificate.subject.replaceAll(',', '/')}`;
  const words = ['req', '-new', '-utf8', '-key', keyFile, '-subj', subject, '-out', requestFile];
  await outputOf(['openssl', ...words]);
  const csr = (await readFile(requestFile)).toString('base64');
  const answer = await outputOf([...curl, '-d', JSON.stringify({ csr }), info.csrUrl]);
  const { clientCrt, crt } = JSON.parse(answer) as { clientCrt: string; crt: string };
  await writeFile(certFile, Buffer.from(clientCrt, 'base64'));
  return { certFile, keyFile, chainPem: Buffer.from(crt, 'base64').toString() };
}

/** The serial number of the first certificate in a file, as openssl prints it. */
export async function serialOf(certFile: string): Promise<string> {
  return await outputOf(['openssl', 'x509', '-noout', '-serial', '-in', certFile]);
}

/** Whether the key is the certificate's. */
export async function isPair(certFile: string, keyFile: string): Promise<boolean> {
  const ofCertificate = await outputOf(['openssl', 'x509', '-noout', '-pubkey', '-in', certFile]);
  return ofCertificate === (await outputOf(['openssl', 'pkey', '-pubout', '-in', keyFile]));
}
