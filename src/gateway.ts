import { trustAnchor } from './authority/authority.js';
import { readAuthorityFiles, settingNames } from './authority/authority-files.js';
import { makeTakeDueSteps } from './authority/due-steps.js';
import { pkiUrlSetting } from './authority/pki-urls.js';
import { makeServerCertificate } from './authority/server-certificate.js';
import type { Config } from './config.js';
import { keepAnnouncements } from './gateway/announcements.js';
import { openDoors } from './gateway/doors.js';
import { keepTrustAnchors, makeFirstAccessToken } from './gateway/first-start.js';
import { makeFirstUser } from './gateway/first-user.js';
import { layFoundation } from './gateway/foundation.js';
import type { Edges, Foundation } from './gateway/foundation.js';
import { keepAuthorities } from './gateway/kept-authorities.js';
import type { KeptAuthorities } from './gateway/kept-authorities.js';
import { withRevocationLists } from './gateway/kept-revocation-lists.js';
import { beginRenewals } from './gateway/renewals.js';
import { beginRotations } from './gateway/governance.js';
import { keepServerTls } from './gateway/kept-server-tls.js';
import type { KeptServerTls } from './gateway/kept-server-tls.js';
import { certificateHosts, servedHosts } from './gateway/urls.js';
import type { GatewayUrls } from './gateway/urls.js';
import { probeAddresses } from './http/bind.js';
import { readTlsFiles } from './http/tls-files.js';
import { makeCreateAccessToken } from './people/access-tokens.js';
import { readClientSecret } from './people/openid/client-secret.js';
import { openDatabase } from './storage/database.js';
import { openHome } from './storage/home.js';

/** A gateway whose listeners are all open. */
export interface RunningGateway {
  readonly urls: GatewayUrls;
  /** The internal listener's port, where there is one. */
  readonly internalPort: number | undefined;
  /** What clients trust: a PEM file in home. */
  readonly caFile: string;
  /** Of the root of the gateway's own server certificate. */
  readonly caSha256: string;
  /** The administrator's access token, when this was the first start. */
  readonly adminTokenFile: string | undefined;
  /** The first user's password, when this was the first start. */
  readonly adminPasswordFile: string | undefined;
  readonly refreshServerCertificate: () => Promise<void>;
  /** Follows a roll-over now instead of within a second. */
  readonly lookAtAuthorities: () => Promise<void>;
  /** Works the outbox off now instead of within seconds. */
  readonly deliverAnnouncements: () => Promise<void>;
  /** Renews and announces service users that are due now instead of within a minute. */
  readonly renewServiceUsers: () => Promise<void>;
  /** Does what has come due of rotation requests now instead of within a minute. */
  readonly tendRotations: () => Promise<void>;
  /** Stops accepting, finishes what is under way for at most ten seconds, closes the record. */
  stop(): Promise<void>;
}

const graceMs = 10_000;

/**
 * Config and edges -> a running gateway; the only place that wires. Throws a StartFault, one sentence, when it cannot
 * start; what could be judged beforehand was judged before anything was changed.
 */
export async function startGateway(config: Config, edges: Edges): Promise<RunningGateway> {
  await probeAddresses(addressesOf(config));
  await judgeFiles(config, edges);
  const { isPrivate } = await openHome(config.home);
  if (!isPrivate)
    edges.log.warn({ home: config.home }, 'the home directory cannot be closed to others');
  const database = await openDatabase(config.databaseUrl);
  let serverTls: KeptServerTls | undefined;
  try {
    await database.wipeErased(); // of a gateway that was killed
    const foundation = await layFoundation(config, edges, database);
    serverTls = await openServerTls(foundation);
    return await openHouse(foundation, serverTls);
  } catch (error) {
    serverTls?.stop();
    await database.close();
    throw error;
  }
}

/** Reads what the operator brings, so that a file that cannot serve stops the start before anything is made. */
async function judgeFiles(config: Config, { clock }: Edges): Promise<void> {
  const { certFile, keyFile, chainFile } = config.authority;
  const { clientSecretFile } = config.openId;
  if (clientSecretFile !== undefined) await readClientSecret(clientSecretFile);
  if (config.tls.certFile !== undefined) await readTlsFiles(operatorPair(config));
  if (certFile === undefined || keyFile === undefined) return;
  await readAuthorityFiles({ certFile, keyFile, chainFile, names: settingNames }, clock());
}

function addressesOf(config: Config) {
  return [
    { name: 'gateway', address: config.gateway.listen },
    { name: 'admin', address: config.admin.listen },
    { name: 'pki', address: config.pki.listen },
    ...(config.internal.listen === undefined
      ? []
      : [{ name: 'internal', address: config.internal.listen }]),
  ];
}

async function openServerTls(foundation: Foundation): Promise<KeptServerTls> {
  const { config, masterKey, authorities, issue, clock, log } = foundation;
  const { serverIssuer } = authorities;
  const hosts = certificateHosts(servedHosts(config));
  const own = { home: config.home, masterKey, hosts, serverIssuer, issue, clock, log };
  const load =
    config.tls.certFile === undefined
      ? makeServerCertificate(own)
      : () => readTlsFiles(operatorPair(config));
  return keepServerTls({ load, log });
}

function operatorPair({ tls }: Config): { certFile: string; keyFile: string } {
  if (tls.certFile === undefined || tls.keyFile === undefined)
    throw new Error('no server certificate is configured');
  return { certFile: tls.certFile, keyFile: tls.keyFile };
}

/** What commands on this database have to know of the gateway. */
async function noteForCommands(
  { config, stores: { settings } }: Foundation,
  urls: GatewayUrls,
): Promise<void> {
  await settings.set('gateway_url', urls.gateway);
  await settings.set(pkiUrlSetting, config.pki.url ?? '');
  await settings.set('mode', config.mode);
}

async function openHouse(
  foundation: Foundation,
  serverTls: KeptServerTls,
): Promise<RunningGateway> {
  const { config, database, stores, authorities, clock, random } = foundation;
  const caFile = await keepTrustAnchors(config.home, authorities);
  const createAccessToken = makeCreateAccessToken({ store: stores.accessTokens, random, clock });
  const adminTokenFile = await makeFirstAccessToken({
    home: config.home,
    stores,
    createAccessToken,
  });
  const adminPasswordFile = await makeFirstUser(foundation);
  const doors = await openDoors(withRevocationLists(foundation), serverTls.tls);
  try {
    await noteForCommands(foundation, doors.urls);
  } catch (error) {
    await doors.stop(0);
    throw error;
  }
  const kept = followAuthorities(foundation, serverTls);
  const announcements = await keepAnnouncements(foundation, doors.urls);
  const renewals = beginRenewals(foundation);
  const rotations = beginRotations(foundation);
  return {
    urls: doors.urls,
    internalPort: doors.internalPort,
    caFile,
    caSha256: trustAnchor(authorities.serverIssuer()).sha256,
    adminTokenFile,
    adminPasswordFile,
    refreshServerCertificate: serverTls.refresh,
    lookAtAuthorities: kept.look,
    deliverAnnouncements: announcements.deliver,
    renewServiceUsers: renewals.run,
    tendRotations: rotations.run,
    stop: async () => {
      serverTls.stop();
      const passesEnd = Promise.all([renewals.stop(), rotations.stop()]);
      await kept.stop();
      await Promise.all([announcements.stop(graceMs), doors.stop(graceMs)]);
      await passesEnd;
      await database.close();
    },
  };
}

/** What a roll-over changes outside of the record follows it. */
function followAuthorities(foundation: Foundation, serverTls: KeptServerTls): KeptAuthorities {
  const { config, stores, authorities, clock, log } = foundation;
  return keepAuthorities({
    authorities,
    takeDueSteps: makeTakeDueSteps({
      takeStep: stores.takeStep,
      store: stores.authorities,
      clock,
      log,
    }),
    follow: async () => {
      const states = authorities.list().map(({ id, state }) => `${id} ${state}`);
      log.info({ authorities: states }, 'the authorities changed');
      await serverTls.refresh();
      await keepTrustAnchors(config.home, authorities);
    },
    log,
  });
}
