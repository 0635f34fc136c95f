import { resolve } from 'node:path';
import { writePrivateFile } from '../storage/private-file.js';
import type { Command } from './context.js';
import { namedService, withServices } from './open-services.js';
import { rfc3339 } from './output.js';
import { readRequestFile } from './read-request-file.js';

/** What a server reads, be it another user of the machine than who wrote it. */
const publicMode = 0o644;

/** `everleaf service certificate PROJECT SERVICE --csr FILE`: the certificate to standard output, or whole into a file. */
export const certifyServiceCommand: Command<{
  project: string;
  name: string;
  requestFile: string;
  outFile: string | undefined;
}> = async (context, { project, name, requestFile, outFile }) => {
  const csr = await readRequestFile(requestFile);
  const issued = await withServices(context, async (all) => {
    const service = await namedService(all, { project, name });
    return all.certifyService({ service, csr, actor: context.actor });
  });
  const { certificatePem, caPem, notAfter, sha256, names } = issued;
  const file = outFile === undefined ? undefined : resolve(outFile);
  if (file !== undefined) await writePrivateFile(file, certificatePem, publicMode);
  context.output.show({
    value: {
      project,
      service: name,
      names: [...names.dnsNames, ...names.ipAddresses],
      notAfter: rfc3339(notAfter),
      sha256,
      certificate: certificatePem,
      ca: caPem,
      ...(file === undefined ? {} : { file }),
    },
    text: file === undefined ? certificatePem.trimEnd() : `Wrote ${file}`,
  });
};
