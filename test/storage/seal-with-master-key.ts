import { randomBytes } from 'node:crypto';
import { loadMasterKey } from '../../src/storage/master-key.js';

// Run by master-key.test.ts in a process of its own: FILE.
const [file = ''] = process.argv.slice(2);
const key = await loadMasterKey({ file, mayCreate: true, mayBeNew: true, random: randomBytes });
const place = { table: 'authorities', row: 'a1', purpose: 'key' };
console.log(key.seal(Buffer.from('a private key'), place));
