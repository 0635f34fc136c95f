import type { RecordEvent } from '../authority/audit.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { caPairOf } from '../authority/ca-pair.js';
import { judgeTrustUpdate } from './ca-rotation-policy.js';
import type { TrustUpdate } from './ca-rotation-policy.js';
import type { CaRotationStore } from './ca-rotation-store.js';
import { requireProject } from './change-projects.js';
import type { ListProjectAuthorities } from './find-ca-rotation.js';
import type { ProjectStore } from './project-store.js';
import type { ServiceName } from './service-store.js';
import { serviceUnknown } from './service.js';

export interface TrustReport extends ChangeOrigin, ServiceName {
  readonly phase: TrustUpdate;
}

/** Whether it was news. */
export type ReportTrustUpdate = (report: TrustReport) => Promise<{ readonly isNew: boolean }>;

/**
 * Puts on record that a service trusts both authorities of its project (1), or presents a certificate of the new one (2).
 * Said twice it is recorded once. Throws Failure `state-conflict` where something else comes first, `resource-unknown`,
 * `project-unknown`.
 */
export function makeReportTrustUpdate(edges: {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly listAuthorities: ListProjectAuthorities;
  readonly store: Pick<CaRotationStore, 'listServices' | 'report'>;
  readonly recordEvent: RecordEvent;
}): ReportTrustUpdate {
  const { projects, listAuthorities, store, recordEvent } = edges;
  return ({ project, name, phase, ...origin }) =>
    edges.transaction(async (trx) => {
      await requireProject(projects, project, trx);
      const services = await store.listServices(project, trx);
      const own = services.find(({ service }) => service === name);
      if (!own) throw serviceUnknown();
      const untrusting = services.filter(({ trustUpdate }) => trustUpdate === 0);
      const report = { project, phase, present: own.trustUpdate };
      const judged = judgeTrustUpdate(
        { ...report, untrusting: untrusting.map(({ service }) => service) },
        caPairOf(await listAuthorities(project, trx)),
      );
      if ('refusal' in judged) throw new Failure('state-conflict', judged.refusal);
      const { becomes: to } = judged;
      const from = own.trustUpdate;
      if (from === to) return { isNew: false };
      if (!(await store.report({ project, name, from, to }, trx)))
        throw new Failure('state-conflict', `The service ${name} has changed meanwhile.`);
      const detail = { phase, before: from };
      const action = 'service.trust-updated';
      await recordEvent({ action, project, service: name, ...origin, detail }, trx);
      return { isNew: true };
    });
}
