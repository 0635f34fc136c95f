import type { Config } from '../config.js';
import type { RunningGateway } from '../gateway.js';
import { startGateway } from '../gateway.js';
import type { Command } from './context.js';

/** `everleaf serve`: runs until SIGTERM or SIGINT; SIGHUP looks at the server certificate at once. */
export const serveCommand: Command<{ unknownSettings: readonly string[] }> = async (
  context,
  { unknownSettings },
) => {
  const { config, log, output } = context;
  const stopped = nextSignal();
  if (unknownSettings.length > 0) {
    log.warn({ settings: unknownSettings }, 'these variables are no settings of this release');
  }
  const gateway = await startGateway(config, context);
  process.on('SIGHUP', () => void gateway.refreshServerCertificate());
  const { gateway: gatewayUrl, admin, pki } = gateway.urls;
  output.show({
    value: { gateway: gatewayUrl, admin, pki },
    text: `everleaf ready gateway=${gatewayUrl} admin=${admin} pki=${pki}`,
  });
  if (process.stdout.isTTY) output.line(welcome(gateway, config));
  const signal = await stopped;
  log.info({ signal }, 'stopping: requests under way are finished first');
  await gateway.stop();
};

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

function welcome(
  { urls, caFile, caSha256, adminTokenFile, adminPasswordFile }: RunningGateway,
  { home, adminEmail }: Config,
): string {
  const token =
    adminTokenFile === undefined
      ? ''
      : `\n  Access token    ${adminTokenFile} (administrator, made now)`;
  const password =
    adminPasswordFile === undefined
      ? ''
      : `\n  Password        ${adminPasswordFile} (of ${adminEmail}, made now)`;
  const made = token + password;
  return `
  Home            ${home}
  CA to trust     ${caFile}
                  SHA-256 ${caSha256}${made}

  Try next, in another terminal:
    npx everleaf token create my-app     a token with which an application pairs
    npx everleaf certificate list        what is on record
    curl ${urls.pki}/readyz
  The README's tutorial goes on from there. Ctrl-C stops the gateway.
`;
}
