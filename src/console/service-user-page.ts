import type { Request } from 'express';
import type { CertificateStore } from '../authority/certificate-store.js';
import { connectionLines } from '../credentials/connection-lines.js';
import type { ServiceUser } from '../credentials/service-user.js';
import type { Service } from '../credentials/service.js';
import { shellWord } from '../notifications/letter-text.js';
import type { Page } from './page.js';
import { saidIn } from './query.js';
import { pageOfService } from './service-page.js';
import type { ServicePageEdges } from './service-page.js';
import { userRow } from './service-user-row.js';
import type { RowGround } from './service-user-row.js';

/** What the page of one service user looks at. */
export interface UserPageEdges extends ServicePageEdges {
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly clock: () => number;
  readonly findAccess: RowGround['findAccess'];
}

/** A secret on a page, by its label. */
export interface ShownSecret {
  readonly id: string;
  readonly label: string;
  readonly text: string;
}

/** The page of one user, or another page about the user; `shown` are the secrets that were asked for. */
export async function pageOfUser(
  edges: UserPageEdges,
  request: Request,
  page: {
    readonly service: Service;
    readonly user: ServiceUser;
    readonly view?: string;
    readonly title?: string;
    readonly shown?: readonly ShownSecret[];
    readonly data?: Readonly<Record<string, unknown>>;
  },
): Promise<Page> {
  const { service, user } = page;
  const { pair } = user;
  const recorded = pair && (await edges.certificates.findBySha256(pair.sha256));
  const isRevoked = recorded !== undefined && recorded.revokedAt !== null;
  const ground = { now: edges.clock(), findAccess: edges.findAccess };
  const row = await userRow({ user, isRevoked }, ground);
  return pageOfService(edges, request, {
    service,
    place: 'users',
    view: page.view ?? 'service-user',
    title: page.title ?? user.username,
    ...(page.view === undefined ? {} : { trail: [{ text: user.username, href: row.path }] }),
    said: saidIn(request, sentencesOfUser),
    data: {
      row,
      user,
      recorded,
      shown: page.shown ?? [],
      hasPassword: user.sealedPassword !== null && !user.isWithheld,
      lines: connectionLines(service, user.username),
      command: commandFor(user),
      ...page.data,
    },
  });
}

/** What was done before this page, by the word in the URL. */
export const sentencesOfUser: Readonly<Record<string, string>> = {
  acknowledged:
    'The certificate is acknowledged: its announcements end. The old one works until its own end.',
  renewed:
    'The certificate is renewed. Take the new key and certificate into use, then acknowledge the certificate; the old one works until its own end.',
  reset: 'The credentials are reset: take the new ones into use.',
};

function commandFor({ project, service, username }: ServiceUser): string {
  const names = [project, service, username].map(shellWord).join(' ');
  const rest = username.startsWith('-') ? `-- ${names}` : names;
  return `npx everleaf user download --dir credentials ${rest}`;
}
