import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { AcknowledgeRenewal } from '../credentials/acknowledge-renewal.js';
import { originOf } from '../credentials/project-routes.js';
import type { RenewNow } from '../credentials/renew-now.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import type { ResetCredentials } from '../credentials/reset-credentials.js';
import { requireUser } from '../credentials/service-access.js';
import type { ServiceUser } from '../credentials/service-user.js';
import { mountPath } from '../http/routing.js';
import { orShowAgain } from './form-answers.js';
import { formOf } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';
import { servicePaths, toDo, toSee } from './service-page.js';
import { pageOfUser } from './service-user-page.js';
import type { UserPageEdges } from './service-user-page.js';
import { userPath } from './service-user-row.js';

export interface UserChangeEdges extends UserPageEdges {
  readonly acknowledgeRenewal: AcknowledgeRenewal;
  readonly renewNow: RenewNow;
  readonly resetCredentials: ResetCredentials;
  readonly findRenewalSettings: FindRenewalSettings;
}

/** A change that a page asks about first. */
interface Change {
  readonly name: 'renewal' | 'reset';
  readonly title: (username: string) => string;
  readonly said: string;
  readonly make: (
    edges: UserChangeEdges,
    order: Omit<Parameters<RenewNow>[0], 'idempotencyKey'> & { readonly idempotencyKey: string },
  ) => Promise<void>;
}

const changes: readonly Change[] = [
  {
    name: 'renewal',
    title: (username) => `Renew the certificate of ${username} now`,
    said: 'renewed',
    make: async (edges, order) => {
      await edges.renewNow(order);
    },
  },
  {
    name: 'reset',
    title: (username) => `Reset the credentials of ${username}`,
    said: 'reset',
    make: async ({ findRenewalSettings, resetCredentials }, { again: _again, ...order }) => {
      const { validitySeconds } = await findRenewalSettings(order.service);
      await resetCredentials({ ...order, validitySeconds });
    },
  },
];

/** What is done with a user of a service, for who may change them. */
export function makeServiceUserChanges(edges: UserChangeEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const user = '/projects/:project/services/:service/users/:username';
  mountPath(router, `${user}/acknowledgement`, {
    post: [...toDo(edges, 'service:users:write'), acknowledge(edges)],
  });
  for (const change of changes) {
    mountPath(router, `${user}/${change.name}`, {
      get: [...toSee(edges, 'service:users:write'), ask(edges, change)],
      post: [...toDo(edges, 'service:users:write'), make(edges, change)],
    });
  }
  return router;
}

function acknowledge(edges: UserChangeEdges): RequestHandler {
  return async (request, response) => {
    const { service, user } = await requireUser(edges, request);
    await edges.acknowledgeRenewal({ user, ...originOf(request) });
    redirectTo(response, servicePaths(service).users, 'acknowledged');
  };
}

function ask(edges: UserChangeEdges, change: Change): RequestHandler {
  return async (request, response) => {
    const named = await requireUser(edges, request);
    const page = await pageOfUser(edges, request, { ...named, ...pageAbout(named.user, change) });
    sendConsolePage(request, response, page);
  };
}

function make(edges: UserChangeEdges, change: Change): RequestHandler {
  return async (request, response) => {
    const named = await requireUser(edges, request);
    const form = formOf(request);
    const again = form.get('again') === 'yes';
    const idempotencyKey = (form.get('seen') ?? '').slice(0, 255) || seenOf(named.user);
    const order = { ...named, again, idempotencyKey, ...originOf(request) };
    await orShowAgain(
      response,
      () => change.make(edges, order),
      async (refused) => {
        const asked = pageAbout(named.user, change, again);
        const page = await pageOfUser(edges, request, { ...named, ...asked });
        sendConsolePage(request, response, { ...page, ...refused });
      },
    );
    redirectTo(response, userPath(named.user), change.said);
  };
}

function pageAbout(user: ServiceUser, { name, title }: Change, again = false) {
  return {
    view: `service-user-${name}`,
    title: title(user.username),
    data: { action: `${userPath(user)}/${name}`, seen: seenOf(user), again },
  };
}

/** The credentials that a page was made with: a form of it that is sent twice changes them once. */
function seenOf({ id, pair, passwordUpdatedAt }: ServiceUser): string {
  return `console-${id}-${pair?.sha256 ?? 'none'}-${String(passwordUpdatedAt ?? 0)}`;
}
