import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { codeOf, readSettingFile } from '../setting-file.js';
import { StartFault } from '../start-fault.js';

/** Reads the operator's server certificate and key; throws a StartFault that names the setting when they do not fit. */
export async function readTlsFiles(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = await readSettingFile('EVERLEAF_TLS_CERT_FILE', files.certFile);
  const key = await readSettingFile('EVERLEAF_TLS_KEY_FILE', files.keyFile);
  const certificate = parse(
    'EVERLEAF_TLS_CERT_FILE',
    files.certFile,
    () => new X509Certificate(cert),
  );
  const privateKey = parse('EVERLEAF_TLS_KEY_FILE', files.keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartFault(
      `EVERLEAF_TLS_KEY_FILE: the key in ${files.keyFile} does not fit the certificate in ${files.certFile}.`,
    );
  }
  refuseUnfitForTls(files.certFile, { cert, key });
  return { cert, key };
}

/** OpenSSL refuses weak keys and digests, and damaged issuers in the same file, only when it is to serve with them. */
function refuseUnfitForTls(certFile: string, pair: { cert: string; key: string }): void {
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new StartFault(
      `EVERLEAF_TLS_CERT_FILE: ${certFile} cannot serve TLS (${codeOf(cause)}).`,
      {
        cause,
      },
    );
  }
}

function parse<Parsed>(variable: string, file: string, read: () => Parsed): Parsed {
  try {
    return read();
  } catch {
    // The library's message may quote the file, so it is not kept as a cause.
    throw new StartFault(
      `${variable}: ${file} is damaged or encrypted; it must be PEM without a passphrase.`,
    );
  }
}
