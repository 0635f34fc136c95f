import type { RandomBytes } from '../edges.js';
import { drawStorePassword } from '../pki/pkcs12-password.js';
import type { ExportCredentials } from './credential-files.js';
import { exportCredentials } from './export-credentials.js';

/**
 * The pair with a key store, a trust store and `client.properties`, for Java and for whoever reads PKCS#12. The stores
 * get a password of their own, which stands in the properties.
 */
export function makeExportJava(random: RandomBytes): ExportCredentials {
  return async (credentials) => {
    const password = drawStorePassword(random);
    const files = await exportCredentials({ ...credentials, password }, random);
    return Object.entries(files).map(([name, content]) => ({ name, content }));
  };
}
