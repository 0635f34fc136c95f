import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpensslAuthority } from './openssl-authority.js';
import { outputOf } from './run.js';

/** An authority under a root, with the settings that bring both to a gateway. */
export async function makeIntermediate(input: {
  readonly folder: string;
  readonly root: OpensslAuthority;
}): Promise<OpensslAuthority> {
  const { folder, root } = input;
  const at = (ending: string): string => join(folder, `intermediate.${ending}`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const asked = [...key, '-subj', '/CN=intermediate', '-keyout', at('key'), '-out', at('csr')];
  await outputOf(['openssl', 'req', '-new', ...asked]);
  const extensions = [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    'keyUsage=critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
  ];
  writeFileSync(at('ext'), `${extensions.join('\n')}\n`);
  const signer = ['-CA', root.certFile, '-CAkey', root.keyFile, '-set_serial', '2'];
  const words = ['-req', '-in', at('csr'), '-days', '300', '-extfile', at('ext'), ...signer];
  await outputOf(['openssl', 'x509', ...words, '-out', at('crt')]);
  const settings = {
    EVERLEAF_CA_CERT_FILE: at('crt'),
    EVERLEAF_CA_KEY_FILE: at('key'),
    EVERLEAF_CA_CHAIN_FILE: root.certFile,
  };
  return { certFile: at('crt'), keyFile: at('key'), settings };
}
