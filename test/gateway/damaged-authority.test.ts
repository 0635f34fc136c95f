import { describe, it } from '@jest/globals';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring, makeDatedRoot, makeIssued, makeRoot } from '../support/authority-files.js';
import { outputOf } from '../support/run.js';
import { expectStartFault, usedHomes } from '../support/used-home.js';
import type { Place } from '../support/used-home.js';

const placeOfItsOwn = usedHomes();
const day = 86_400;

interface Damage {
  readonly settings: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

const certificate = 'EVERLEAF_CA_CERT_FILE';
const key = 'EVERLEAF_CA_KEY_FILE';
const chain = 'EVERLEAF_CA_CHAIN_FILE';

const damages: Readonly<Record<string, (folder: string) => Promise<Damage>>> = {
  'key of another certificate': async (folder) => {
    const [one, other] = [
      await makeRoot({ folder, name: 'one' }),
      await makeRoot({ folder, name: 'other' }),
    ];
    return {
      settings: bring({ certFile: one.certFile, keyFile: other.keyFile }),
      words: [key, other.keyFile, 'does not fit'],
    };
  },
  'certificate that is no CA': async (folder) => {
    const root = await makeRoot({
      folder,
      name: 'leaf',
      extensions: ['basicConstraints=CA:FALSE'],
    });
    return { settings: bring(root), words: [certificate, root.certFile, 'is not a CA'] };
  },
  'CA that may not sign certificates': async (folder) => {
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,cRLSign'];
    const root = await makeRoot({ folder, name: 'root', extensions });
    return { settings: bring(root), words: [certificate, root.certFile, 'keyCertSign'] };
  },
  'CA that may not sign revocation lists': async (folder) => {
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
    const root = await makeRoot({ folder, name: 'root', extensions });
    return { settings: bring(root), words: [certificate, root.certFile, 'cRLSign'] };
  },
  'expired certificate': async (folder) => {
    const now = Math.floor(Date.now() / 1000);
    const dates = { notBefore: now - 9 * day, notAfter: now - day };
    const root = await makeDatedRoot({ folder, name: 'old', ...dates });
    return {
      settings: bring(root),
      words: [certificate, root.certFile, 'expired on 20', 'leave the setting out'],
    };
  },
  'certificate that is not valid yet': async (folder) => {
    const now = Math.floor(Date.now() / 1000);
    const dates = { notBefore: now + day, notAfter: now + 9 * day };
    const root = await makeDatedRoot({ folder, name: 'new', ...dates });
    return { settings: bring(root), words: [certificate, root.certFile, 'not valid before 20'] };
  },
  'certificate file without a certificate': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    return {
      settings: bring({ certFile: root.keyFile, keyFile: root.keyFile }),
      words: [certificate, root.keyFile, 'no PEM certificate'],
    };
  },
  'certificate with a changed byte': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const lines = readFileSync(root.certFile, 'utf8').split('\n');
    lines[1] = `AAAA${lines[1]?.slice(4) ?? ''}`;
    writeFileSync(root.certFile, lines.join('\n'));
    return { settings: bring(root), words: [certificate, root.certFile, 'damaged'] };
  },
  'encrypted key': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const locked = join(folder, 'locked.key');
    const words = ['-aes256', '-passout', 'pass:SECRET', '-in', root.keyFile, '-out', locked];
    await outputOf(['openssl', 'pkey', ...words]);
    return {
      settings: bring({ certFile: root.certFile, keyFile: locked }),
      words: [key, locked, 'encrypted'],
    };
  },
  'key file that holds something else': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    writeFileSync(root.keyFile, 'nothing');
    return { settings: bring(root), words: [key, root.keyFile, 'not a PEM private key'] };
  },
  'key that is too weak': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const words = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024', '-out', root.keyFile];
    await outputOf(['openssl', 'genpkey', ...words]);
    return { settings: bring(root), words: [key, root.keyFile, '2048'] };
  },
  'key file that is not there': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const keyFile = join(folder, 'nowhere.key');
    return { settings: bring({ ...root, keyFile }), words: [key, keyFile, 'cannot be read'] };
  },
  'certificate file that is a directory': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const certFile = join(folder, 'directory');
    mkdirSync(certFile);
    return { settings: bring({ ...root, certFile }), words: [certificate, certFile, 'EISDIR'] };
  },
  'chain of somebody else': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const stranger = await makeRoot({ folder, name: 'stranger' });
    const issuing = await makeIssued({ folder, name: 'issuing', issuer: root });
    return { settings: bring(issuing, stranger.certFile), words: [chain, 'chain is broken'] };
  },
  'chain with a certificate too many': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const stranger = await makeRoot({ folder, name: 'stranger' });
    const issuing = await makeIssued({ folder, name: 'issuing', issuer: root });
    appendFileSync(root.certFile, readFileSync(stranger.certFile));
    return { settings: bring(issuing, root.certFile), words: [chain, 'does not belong'] };
  },
  'chain without its middle': async (folder) => {
    const root = await makeRoot({ folder, name: 'root' });
    const middle = await makeIssued({ folder, name: 'middle', issuer: root });
    const issuing = await makeIssued({ folder, name: 'issuing', issuer: middle });
    return { settings: bring(issuing, root.certFile), words: [chain, 'chain is broken'] };
  },
  'root whose path is too short': async (folder) => {
    const extensions = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=keyCertSign'];
    const root = await makeRoot({ folder, name: 'root', extensions });
    const issuing = await makeIssued({ folder, name: 'issuing', issuer: root });
    return { settings: bring(issuing, root.certFile), words: [chain, 'pathlen'] };
  },
};

/** The home stays as it was; only the operator's files were added before the start. */
async function expectRefusal(place: Place, make: (folder: string) => Promise<Damage>) {
  const { settings, words } = await make(place.folder);
  await expectStartFault({ place, settings, words });
}

describe.each(Object.entries(damages))('an authority that cannot serve: %s', (_name, make) => {
  it('stops the start of an installation in use and changes nothing of it', async () => {
    await expectRefusal(placeOfItsOwn(), make);
  });
});

describe('an authority that cannot serve', () => {
  it('stops the very first start before there is a home', async () => {
    const { folder } = placeOfItsOwn();
    const place = { folder, home: join(folder, 'new') };
    await expectRefusal(place, damages['key of another certificate'] ?? neverDamaged);
  });
});

function neverDamaged(): Promise<Damage> {
  throw new Error('there is no such damage');
}
