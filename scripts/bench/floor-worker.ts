import { createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { makeSigner } from '../../src/pki/authority-key.js';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import {
  makeSelfSignedAuthority,
  makeTemplate,
  signCertificate,
} from '../../src/pki/certificate-template.js';
import type { CertificateTemplate, Issuer } from '../../src/pki/certificate-template.js';
import { readRequest } from '../../src/pki/certification-request.js';
import { readPemBlocks } from '../../src/pki/pem.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { makeKey, subjectOf } from './fleet.js';
import type { Floor } from './floor.js';
import type { KeyType } from './gateway-server.js';
import { makeRequest } from './requests.js';

const notBefore = Math.floor(Date.now() / 1000);
const notAfter = notBefore + 92 * 86_400;
const subject = subjectOf('app');

interface Setting {
  readonly key: KeyObject;
  readonly issuer: Issuer;
  readonly template: CertificateTemplate;
}

const settings = new Map<KeyType, Setting>();

process.on('message', (order: { keyType: KeyType; count: number }) => {
  void measure(order).then((floor) => process.send?.(floor));
});

async function measure({ keyType, count }: { keyType: KeyType; count: number }): Promise<Floor> {
  const setting = settings.get(keyType) ?? (await makeSetting(keyType));
  settings.set(keyType, setting);
  const { key } = setting;
  const data = randomBytes(600);
  const publicKey = createPublicKey(key);
  const signature = sign('sha256', data, key);
  const requests = Array.from({ length: count }, () => makeRequest({ key, subject }));
  return {
    sign: micros(count, () => sign('sha256', data, key)),
    verify: micros(count, () => verify('sha256', data, publicKey, signature)),
    issue: await issueAll(setting, requests),
  };
}

async function makeSetting(keyType: KeyType): Promise<Setting> {
  const key = makeKey(keyType);
  const signer = makeSigner(makeKey(keyType));
  const serial = newSerialNumber(randomBytes);
  const authority = { signer, subject, serial, notBefore, notAfter: notAfter * 2 };
  const certificate = readCertificate(await makeSelfSignedAuthority(authority));
  const issuer = { certificate, signer };
  return { key, issuer, template: makeTemplate({ profile: 'client', issuer, pointers: {} }) };
}

function micros(count: number, work: () => unknown): number {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 1) work();
  return since(before) / count;
}

/** Sixteen at once, as in a gateway under load. */
async function issueAll(setting: Setting, requests: readonly string[]): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < requests.length; at += 16) {
    await Promise.all(requests.slice(at, at + 16).map((pem) => issue(setting, pem)));
  }
  return since(before) / requests.length;
}

async function issue({ issuer, template }: Setting, pem: string): Promise<void> {
  const [block] = readPemBlocks(pem);
  if (!block) throw new Error('the request is not PEM');
  const { spki } = readRequest(block.der).publicKey;
  const serial = newSerialNumber(randomBytes);
  const order = { serial, subject, notBefore, notAfter, spki };
  await signCertificate({ template, issuer, order });
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
