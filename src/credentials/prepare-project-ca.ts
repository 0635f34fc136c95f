import type { Kysely } from 'kysely';
import type { RecordedAuthority } from '../authority/authority.js';
import type { PrepareAuthority } from '../authority/prepare-authority.js';
import { nextCommonName, projectAuthoritySeconds } from '../authority/project-authorities.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { Clock, Log } from '../edges.js';
import { Failure } from '../failure.js';
import type { Outbox } from '../notifications/outbox.js';
import type { ChangeOrigin } from '../people/record-change.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import type { Schema } from '../storage/schema.js';
import { authorityEntries } from './authority-entries.js';
import { requireProject } from './change-projects.js';
import type { FindProjectContacts } from './contact-store.js';
import type { ListProjectAuthorities } from './find-ca-rotation.js';
import type { ProjectStore } from './project-store.js';
import { chooseRecipients } from './recipient-policy.js';

export interface PrepareProjectCaOrder extends ChangeOrigin {
  readonly project: string;
  /** When it is to become active by itself, in seconds UTC; none where there is no date. */
  readonly activateAt?: number | null;
  /** As the settings say where they are absent. */
  readonly keyType?: AuthorityKeyType | undefined;
  readonly validitySeconds?: number | undefined;
}

/** The new authority, and how many are told of it. */
export type PrepareProjectCa = (
  order: PrepareProjectCaOrder,
) => Promise<{ readonly authority: RecordedAuthority; readonly told: number }>;

/**
 * The first step of the roll-over of a project's CA: the next one is on record and published behind the present one, and
 * the contacts of the project are told, all of it or nothing. Throws Failure `project-unknown`, and
 * `authority-step-refused` where a roll-over is under way.
 */
export function makePrepareProjectCa(edges: {
  readonly prepareAuthorityOf: (project: string) => PrepareAuthority;
  readonly authorities: Pick<ProjectAuthorities, 'activeAuthority'>;
  readonly listAuthorities: ListProjectAuthorities;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly findContacts: FindProjectContacts;
  readonly outbox: Outbox;
  readonly keyType: AuthorityKeyType;
  readonly clock: Clock;
  readonly log: Log;
}): PrepareProjectCa {
  const { projects, outbox, clock, log } = edges;
  return async (order) => {
    const { project, actor, requestId, activateAt = null, keyType = edges.keyType } = order;
    await edges.authorities.activeAuthority(project);
    refuseSecond(project, await edges.listAuthorities(project));
    const contacts = await edges.findContacts(project);
    const recipients = contacts ? chooseRecipients(contacts) : [];
    const { webhooks = [] } = contacts ?? {};
    const validitySeconds = order.validitySeconds ?? projectAuthoritySeconds;
    const alongside = async (trx: Kysely<Schema>, next: RecordedAuthority): Promise<void> => {
      await requireProject(projects, project, trx);
      refuseSecond(
        project,
        (await edges.listAuthorities(project, trx)).filter(({ id }) => id !== next.id),
      );
      await outbox.add(authorityEntries({ project, next, recipients, webhooks }), clock(), trx);
    };
    const authority = await edges.prepareAuthorityOf(project)({
      actor,
      requestId,
      project,
      activateAt,
      form: { keyType, validitySeconds, organization: 'Everleaf' },
      nameFor: (others) => nextCommonName(project, others),
      alongside,
    });
    if (recipients.length === 0) log.warn({ project }, 'nobody hears of the new CA of a project');
    return { authority, told: recipients.length + webhooks.length };
  };
}

/** Services report one roll-over at a time. */
function refuseSecond(project: string, authorities: readonly RecordedAuthority[]): void {
  const other = authorities.find(({ state }) => state === 'prepared' || state === 'retiring');
  if (!other) return;
  throw new Failure(
    'authority-step-refused',
    `A roll-over of the CA of ${project} is under way, authority ${other.id} is ${other.state}: \`everleaf ca rotate --project ${project}\` says how to end it.`,
  );
}
