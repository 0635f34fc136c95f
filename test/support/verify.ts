import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from './gateway.js';
import { outputOf } from './run.js';

/** Lets openssl verify each certificate by the bundle that belongs to it; throws where one does not verify. */
export async function verifyTogether(
  certificates: readonly { readonly certPem: string; readonly bundle: string }[],
): Promise<void> {
  for (const bundle of new Set(certificates.map((one) => one.bundle))) {
    const folder = temporaryHome();
    const trust = join(folder, 'bundle.crt');
    writeFileSync(trust, bundle);
    const files = certificates
      .filter((one) => one.bundle === bundle)
      .map(({ certPem }, index) => {
        const file = join(folder, `${String(index)}.crt`);
        writeFileSync(file, certPem);
        return file;
      });
    const strict = ['-x509_strict', '-purpose', 'sslclient', '-CAfile', trust];
    await outputOf(['openssl', 'verify', ...strict, ...files]);
  }
}
