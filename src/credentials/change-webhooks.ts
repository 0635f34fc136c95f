import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import { drawWebhookSecret } from '../notifications/webhook-signature.js';
import { webhookSecretPlace } from '../notifications/webhook-store.js';
import type { Webhook, WebhookStore } from '../notifications/webhook-store.js';
import { wrongInWebhookUrl } from '../notifications/webhook-url.js';
import type { WebhookRules } from '../notifications/webhook-url.js';
import type { ChangeOrigin, InTransaction, RecordChange } from '../people/record-change.js';
import type { Sealing } from '../storage/sealing.js';
import { requireProject } from './change-projects.js';
import type { ProjectStore } from './project-store.js';

/** Each throws a Failure where it cannot. */
export interface ChangeWebhooks {
  /** With the secret by which the receiver knows the sender: it is shown this once. */
  add(
    order: ChangeOrigin & { readonly project: string; readonly url: string },
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }>;
  remove(order: ChangeOrigin & { readonly project: string; readonly id: string }): Promise<void>;
}

const webhooksOfProject = 10;

/** Changes who is told of a project's renewals by a POST. */
export function makeChangeWebhooks(edges: {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly webhooks: Pick<WebhookStore, 'list' | 'insert' | 'remove'>;
  readonly rules: WebhookRules;
  readonly sealing: Pick<Sealing, 'seal'>;
  readonly recordChange: RecordChange;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): ChangeWebhooks {
  const { transaction, projects, webhooks, rules, sealing, recordChange, clock, random } = edges;
  return {
    add: ({ project, url, actor, requestId }) => {
      const wrong = wrongInWebhookUrl(url, rules);
      if (wrong !== undefined) throw new Failure('field-invalid', `url ${wrong}.`);
      const secret = drawWebhookSecret(random);
      const id = `wh${Buffer.from(random(8)).toString('hex')}`;
      const sealedSecret = sealing.seal(Buffer.from(secret, 'utf8'), webhookSecretPlace(id));
      const createdBy = actor.replace(/^user:/, '');
      const webhook = { id, project, url, createdAt: clock(), createdBy };
      return transaction(async (trx) => {
        await requireProject(projects, project, trx);
        refuseOneMore(await webhooks.list(project, trx));
        await webhooks.insert({ ...webhook, sealedSecret }, trx);
        const detail = { id, host: new URL(url).host };
        const event = { action: 'project.webhook-added', actor, requestId, project, detail };
        await recordChange(event, trx);
        return { webhook, secret };
      });
    },
    remove: ({ project, id, actor, requestId }) =>
      transaction(async (trx) => {
        if (!/^wh[0-9a-f]{16}$/.test(id) || !(await webhooks.remove({ project, id }, trx)))
          throw new Failure('resource-unknown', 'This project has no such webhook.');
        const detail = { id };
        const event = { action: 'project.webhook-removed', actor, requestId, project, detail };
        await recordChange(event, trx);
      }),
  };
}

function refuseOneMore(present: readonly Webhook[]): void {
  if (present.length < webhooksOfProject) return;
  throw new Failure(
    'state-conflict',
    `A project has at most ${String(webhooksOfProject)} webhooks: remove one first.`,
  );
}
