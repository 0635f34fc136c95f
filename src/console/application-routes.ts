import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { PastCertificate, ReadHistory } from '../connector/application-history.js';
import type { ApplicationStore } from '../connector/application-store.js';
import { clientOf } from '../connector/client.js';
import type { Mode } from '../connector/client.js';
import type { TokenStore } from '../connector/token-store.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { judgeRecord } from '../http/client-identity.js';
import { mountPath } from '../http/routing.js';
import { formatName, readName } from '../pki/names.js';
import { readApplicationQuery } from './application-query.js';
import type { ApplicationQuery } from './application-query.js';
import { stateBadges, stateNames, tokenState } from './application-words.js';
import { consolePath } from './console-urls.js';
import { sendConsolePage } from './page.js';
import { saidIn } from './query.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the pages of applications. */
export interface ApplicationEdges {
  readonly mode: Mode;
  readonly applications: ApplicationStore;
  readonly readHistory: ReadHistory;
  readonly tokens: Pick<TokenStore, 'listOf'>;
  readonly clock: Clock;
  readonly guards: readonly RequestHandler[];
}

const pageSize = 50;
const mostCertificates = 100;
const mostTokens = 20;

const said: Readonly<Record<string, string>> = {
  revoked: 'The certificate is revoked: the gateway refuses it from now on.',
};

/** The list of applications with its search, and each of them with its certificates and tokens. */
export function makeApplicationRoutes(edges: ApplicationEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/applications', {
    get: [
      ...edges.guards,
      requireListOrIssue,
      async (request, response) => {
        const query = readApplicationQuery(request);
        const rights = rightsOn(request);
        sendConsolePage(request, response, {
          view: 'applications',
          title: 'Applications',
          said: saidIn(request, said),
          data: {
            query,
            rights,
            mode: edges.mode,
            stateNames,
            stateBadges,
            ...(rights.read ? await findApplications(edges, query) : {}),
          },
        });
      },
    ],
  });
  mountPath(router, '/applications/:name', {
    get: [
      ...edges.guards,
      requireGatewayRight('read'),
      async (request, response) => {
        const holder = String(request.params['name']);
        const page = await readApplication(edges, holder);
        sendConsolePage(request, response, {
          view: 'application',
          title: holder,
          trail: [{ text: 'Applications', href: '/applications' }],
          said: saidIn(request, said),
          data: { ...page, holder, rights: rightsOn(request), stateBadges },
        });
      },
    ],
  });
  return router;
}

/** An issuer makes tokens and revokes, and sees no list. */
const requireListOrIssue: RequestHandler = (request, response, next) => {
  const right = mayOnGateway(viewerOf(request), 'create-tokens') ? 'create-tokens' : 'read';
  void requireGatewayRight(right)(request, response, next);
};

function rightsOn(request: Request) {
  const viewer = viewerOf(request);
  return {
    read: mayOnGateway(viewer, 'read'),
    issue: mayOnGateway(viewer, 'create-tokens'),
    revoke: mayOnGateway(viewer, 'revoke'),
  };
}

async function findApplications(
  { applications, clock }: ApplicationEdges,
  { text, prefix, digits, state, after }: ApplicationQuery,
) {
  const page = { prefix, state, after, now: clock(), limit: pageSize + 1 };
  const found = await applications.list(page);
  const shown = found.slice(0, pageSize);
  const last = found.length > pageSize ? shown.at(-1)?.holder : undefined;
  const filter = new URLSearchParams({ q: text, ...(state ? { state } : {}) });
  const listPath = `/applications?${filter.toString()}`;
  return {
    shown,
    certificates: digits === undefined ? [] : await applications.findHolders(digits, 10),
    firstPage: after === undefined ? undefined : listPath,
    nextPage: last === undefined ? undefined : `${listPath}&after=${encodeURIComponent(last)}`,
  };
}

async function readApplication({ readHistory, tokens, clock }: ApplicationEdges, holder: string) {
  if (holder.includes('\0')) throw applicationUnknown();
  const now = clock();
  const certificates = await readHistory(holder, mostCertificates);
  const replaced = new Set(certificates.map(({ predecessor }) => predecessor));
  const kind = certificates[0]?.kind ?? 'application';
  const client = clientOf({ kind, holder });
  const made = await tokens.listOf(client, mostTokens);
  if (certificates.length === 0 && made.length === 0) throw applicationUnknown();
  return {
    client,
    newTokenPath: pathOfNewToken(client),
    subject: certificates[0] && formatName(readName(certificates[0].subject)),
    isCut: certificates.length === mostCertificates,
    certificates: certificates.map((one) => ({
      ...one,
      ...whose(one),
      state: one.revokedAt === null ? judgeRecord(one, now) : 'revoked',
      isReplaced: replaced.has(one.sha256),
    })),
    lines: new Set(certificates.map(({ line }) => line)).size,
    tokens: made.map((token) => ({ ...token, state: tokenState(token, now) })),
  };
}

function applicationUnknown(): Failure {
  return new Failure('resource-unknown', 'There is no application of that name on record.');
}

/** Who had it issued and who revoked it, as the audit log tells. */
function whose({ sha256, events }: PastCertificate) {
  const revoked = events.findLast(({ action }) => action === 'certificate.revoked');
  const issued = events.find((event) => event !== revoked);
  return {
    issued: issued && { ...issued, words: issued.action.replace('certificate.', '') },
    revokedBy: revoked?.actor,
    revocationPath: `/applications/revocations/new?certificate=${sha256}`,
  };
}

function pathOfNewToken({ kind, application, tenant, group }: ReturnType<typeof clientOf>): string {
  const names = { kind, application, tenant: tenant ?? '', group: group ?? '' };
  return `${consolePath`/applications/tokens/new`}?${new URLSearchParams(names).toString()}`;
}
