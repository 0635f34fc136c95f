import type { RequestListener } from 'node:http';
import type { Router } from 'express';
import { makeRecordRefusal } from '../authority/record-refusal.js';
import { connectorDialect, describeUnparsable } from '../connector/failures.js';
import { isConsoleUrl } from '../console/console-urls.js';
import { consoleDialect } from '../console/failures.js';
import { aivenDialect, isAivenUrl } from '../credentials/failures.js';
import { estDialect, isEstUrl } from '../est/failures.js';
import type { Failure } from '../failure.js';
import { makeClientAddress } from '../http/client-address.js';
import type { ClientAddress } from '../http/client-address.js';
import { makeFailureHandler } from '../http/failure-handler.js';
import type { Dialect } from '../http/failure-handler.js';
import { makeJudgeProxy } from '../http/judge-proxy.js';
import { openListener } from '../http/listener.js';
import type { Listener } from '../http/listener.js';
import { makeApp } from '../http/make-app.js';
import { makeMessageClasses } from '../http/message-classes.js';
import type { MessageClasses } from '../http/message-classes.js';
import { logRequests } from '../http/request-log.js';
import type { DoubledSlashes } from '../http/routing.js';
import type { ServerTls } from '../http/server-tls.js';
import { isSignInUrl, signInDialect } from '../people/openid/failures.js';
import { isTransient, isUnavailable } from '../storage/database-errors.js';
import type { Foundation } from './foundation.js';
import type { FoundationWithLists } from './kept-revocation-lists.js';
import { makeRouters } from './routers.js';
import type { Routers } from './routers.js';
import { gatewayUrls } from './urls.js';
import type { GatewayUrls } from './urls.js';

/** The open listeners of a gateway. */
export interface Doors {
  readonly urls: GatewayUrls;
  readonly internalPort: number | undefined;
  stop(graceMs: number): Promise<void>;
}

type DoorName = keyof Routers;

/**
 * Opens one listener per level of trust. A request that comes while the others are still opening waits for the routes,
 * which need every port to be known.
 */
export async function openDoors(foundation: FoundationWithLists, tls: ServerTls): Promise<Doors> {
  const { config } = foundation;
  let announce: (routers: Routers) => void = () => undefined;
  const routers = new Promise<Routers>((resolve) => (announce = resolve));
  const open: Listener[] = [];
  const openDoor = async (
    name: DoorName,
    listen: { host: string; port: number },
  ): Promise<number> => {
    const messageClasses = makeMessageClasses();
    const app = routers.then((ready) =>
      makeDoorApp(foundation, { name, routers: ready[name], messageClasses }),
    );
    const listener = await openListener({
      name,
      address: listen,
      messageClasses,
      handler: waitingHandler(app),
      tls: isTls(name, foundation) ? tls : undefined,
      asksForClientCertificate: name === 'gateway',
      refuseUnparsable: makeRefuseUnparsable(foundation, name),
    });
    open.push(listener);
    return listener.port;
  };
  const stop = async (graceMs: number): Promise<void> => {
    await Promise.all(open.map((listener) => listener.stop(graceMs)));
    await foundation.stopKeeping();
  };
  try {
    const ports = {
      gateway: await openDoor('gateway', config.gateway.listen),
      admin: await openDoor('admin', config.admin.listen),
      pki: await openDoor('pki', config.pki.listen),
    };
    const { listen } = config.internal;
    const internalPort = listen === undefined ? undefined : await openDoor('internal', listen);
    const urls = gatewayUrls(config, ports);
    announce(makeRouters(foundation, urls));
    return { urls, internalPort, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function isTls(name: DoorName, { config }: Foundation): boolean {
  return name === 'gateway' || (name === 'admin' && config.admin.tls);
}

function waitingHandler(app: Promise<RequestListener>): RequestListener {
  let ready: RequestListener | undefined;
  void app.then((made) => (ready = made));
  return (request, response) => {
    if (ready) ready(request, response);
    else void app.then((made) => made(request, response));
  };
}

function makeDoorApp(
  foundation: Foundation,
  door: {
    readonly name: DoorName;
    readonly routers: readonly Router[];
    readonly messageClasses: MessageClasses;
  },
): RequestListener {
  const { config, log, random, metrics } = foundation;
  const { name: listener, routers, messageClasses } = door;
  return makeApp({
    messageClasses,
    logRequests: logRequests({
      listener,
      log,
      random,
      clientAddress: clientAddressAt(listener, config.proxies),
      observe: metrics.observeRequest,
    }),
    slashesIn: (url) => slashesAt(listener, url),
    routers,
    handleFailure: makeFailureHandler({
      dialectFor: ({ url = '', headers }) => dialectAt(listener, url, headers.accept),
      log,
      countRefused: metrics.countRefused,
      recordRefusal: makeRecordRefusal({
        recordEvent: foundation.stores.recordEvent,
        clock: foundation.clock,
      }),
      isUnavailable: (error) => isUnavailable(error) || isTransient(error),
    }),
  });
}

function dialectAt(listener: DoorName, url: string, accept = ''): Dialect {
  if (listener === 'gateway' && isEstUrl(url)) return estDialect;
  if (listener !== 'admin') return connectorDialect;
  if (isConsoleUrl(url)) return consoleDialect;
  if (isSignInUrl(url)) return signInDialect;
  if (isAivenUrl(url)) return aivenDialect;
  // A person who mistyped an address reads no JSON.
  return accept.includes('text/html') ? consoleDialect : connectorDialect;
}

/** OCSP requests are base64 in the path (RFC 6960 A.1); Aiven's clients put `//v1` behind a URL that ends in a slash. */
function slashesAt(listener: DoorName, url: string): DoubledSlashes {
  if (listener === 'pki') return 'kept';
  return listener === 'admin' && isAivenUrl(url) ? 'cut at the front' : 'redirected';
}

/** Proxies are trusted at the listener that they are named for, and nowhere else. */
function clientAddressAt(
  listener: DoorName,
  proxies: Foundation['config']['proxies'],
): ClientAddress {
  const trusted = listener === 'gateway' || listener === 'admin' ? proxies[listener] : [];
  return makeClientAddress({ judgeProxy: makeJudgeProxy(trusted), hops: proxies.hops });
}

/** Logs, counts and audits what is not even a request, as the others are. */
function makeRefuseUnparsable(foundation: Foundation, listener: DoorName) {
  const { log, metrics, stores, clock } = foundation;
  const recordRefusal = makeRecordRefusal({ recordEvent: stores.recordEvent, clock });
  return (failure: Failure, address: string): { status: number; body: string } => {
    const answer = describeUnparsable(failure);
    const reason = failure.kind;
    metrics.countRefused(reason);
    log.info({ listener, route: 'unmatched', status: answer.status, address, reason }, 'request');
    void recordRefusal(
      failure,
      { requestId: '', route: undefined, actor: undefined },
      address,
    ).catch((err: unknown) => {
      log.error({ err }, 'a refusal could not be put into the audit log');
    });
    return answer;
  };
}
