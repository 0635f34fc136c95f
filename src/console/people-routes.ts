import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { originOf } from '../credentials/project-routes.js';
import { Failure } from '../failure.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import type { ChangeGatewayRole } from '../people/change-gateway-role.js';
import type { ChangePersonState } from '../people/change-person-state.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { isRole, roles } from '../people/roles.js';
import { signInWays } from '../people/sign-in-ways.js';
import type { UserStore } from '../people/user-store.js';
import { consolePath } from './console-urls.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { queryText, saidIn, withQuery } from './query.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

interface PeoplePageEdges {
  readonly users: Pick<UserStore, 'listPage' | 'findById' | 'projectsOf'>;
  readonly organizations: Pick<OrganizationStore, 'listOf'>;
  readonly changeRole: ChangeGatewayRole;
  readonly changeState: ChangePersonState;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const rowsOfPage = 50;
const states = ['active', 'disabled'] as const;
const sentences = {
  changed: 'The role is changed.',
  disabled: 'The user is disabled: every token and session has ended.',
  active: 'The user may sign in again.',
};

/** The people of the gateway, for who may read it, and the way to the viewer's organisations. */
export function makePeoplePages(edges: PeoplePageEdges): Router {
  const { users, changeRole, changeState, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/people', { get: [...guards, listHandler(users)] });
  mountPath(router, '/people/users/:user', {
    get: [
      ...guards,
      requireGatewayRight('read'),
      async (request, response) => {
        await showPerson(edges, request, response);
      },
    ],
  });
  const asAdministrator = [
    ...guards,
    requireGatewayRight('administer'),
    ...readSessionForm(edges.adminUrl),
  ];
  mountPath(router, '/people/users/:user/role', {
    post: [
      ...asAdministrator,
      answerForm(
        async (request) => {
          const { id, email } = await requirePerson(edges, request);
          const word = formOf(request).get('role') ?? '';
          if (!isRole(word) && word !== 'none')
            throw new Failure('field-invalid', 'There is no such role.');
          await changeRole({ email, role: isRole(word) ? word : null, ...originOf(request) });
          return [consolePath`/people/users/${id}`, 'changed'];
        },
        (...shown) => showPerson(edges, ...shown),
      ),
    ],
  });
  mountPath(router, '/people/users/:user/state', {
    post: [
      ...asAdministrator,
      answerForm(
        async (request) => {
          const user = await requirePerson(edges, request);
          const state = states.find((one) => one === formOf(request).get('state'));
          if (!state) throw new Failure('field-invalid', 'There is no such state.');
          await changeState({ user, state, ...originOf(request) });
          return [consolePath`/people/users/${user.id}`, state];
        },
        (...shown) => showPerson(edges, ...shown),
      ),
    ],
  });
  return router;
}

function listHandler(users: PeoplePageEdges['users']): RequestHandler {
  return async (request, response) => {
    const viewer = viewerOf(request);
    const led = viewer.organizations.filter(({ isAdmin }) => isAdmin);
    const mayRead = mayOnGateway(viewer, 'read');
    if (!mayRead && led.length === 0) {
      throw new Failure(
        'right-missing',
        'Neither your role on this gateway nor an organization of yours allows this.',
      );
    }
    const prefix = queryText(request, 'q').toLowerCase();
    const after = queryText(request, 'after');
    const found = mayRead ? await users.listPage({ prefix, after, limit: rowsOfPage + 1 }) : [];
    const { rows: people, last } = cutPage(found, rowsOfPage);
    sendConsolePage(request, response, {
      view: 'people',
      title: 'People',
      data: {
        organizations: led,
        mayRead,
        people,
        prefix,
        more: last && withQuery('/people', { q: prefix, after: last.email }),
        isFirstPage: after === '',
      },
    });
  };
}

async function showPerson(
  edges: PeoplePageEdges,
  request: Request,
  response: Response,
  refused?: Refused,
): Promise<void> {
  const person = await requirePerson(edges, request);
  sendConsolePage(request, response, {
    view: 'person',
    title: person.email,
    trail: [{ text: 'People', href: '/people' }],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      person,
      ways: signInWays(person),
      projects: await edges.users.projectsOf(person.id),
      organizations: await edges.organizations.listOf(person.id),
      roles,
      did: withQuery('/audit', { actor: `user:${person.email}` }),
      befell: withQuery('/audit', { holder: person.email }),
      isViewer: person.id === viewerOf(request).user.id,
      mayChange: mayOnGateway(viewerOf(request), 'administer'),
    },
  });
}

async function requirePerson({ users }: PeoplePageEdges, request: Request) {
  const id = request.params['user'];
  const isId = typeof id === 'string' && /^[a-z0-9]{1,36}$/.test(id);
  const person = isId ? await users.findById(id) : undefined;
  if (person) return person;
  throw new Failure('resource-unknown', 'There is no such user.');
}
