import { readSettingFile } from '../../setting-file.js';
import { StartFault } from '../../start-fault.js';

const setting = 'EVERLEAF_OPENID_CLIENT_SECRET_FILE';

/** The client secret in a file, one line. Throws a StartFault that names the setting and the file. */
export async function readClientSecret(file: string): Promise<string> {
  const secret = (await readSettingFile(setting, file)).replace(/\r?\n$/, '');
  // RFC 6749 A.2
  if (/^[\x20-\x7e]{1,1024}$/.test(secret)) return secret;
  throw new StartFault(`${setting}: ${file} has to hold the client secret, on one line.`);
}
