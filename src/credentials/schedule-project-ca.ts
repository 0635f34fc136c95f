import type { RecordEvent } from '../authority/audit.js';
import type { RollOverStore } from '../authority/roll-over-store.js';
import { Failure } from '../failure.js';
import type { InTransaction } from '../people/record-change.js';
import type { ListProjectAuthorities } from './find-ca-rotation.js';
import { chooseAuthority } from './step-project-ca.js';
import type { ProjectCaStep } from './step-project-ca.js';

export interface ProjectCaDate extends Omit<ProjectCaStep, 'isForced'> {
  /** In seconds UTC; null takes the date back. */
  readonly at: number | null;
}

/** The authority that has the date now. */
export type ScheduleProjectCa = (order: ProjectCaDate) => Promise<{ readonly id: string }>;

/** Sets when a step is taken by itself. Throws Failure `authority-step-refused` where that step is not the next one. */
export function makeScheduleProjectCa(edges: {
  readonly transaction: InTransaction;
  readonly listAuthorities: ListProjectAuthorities;
  readonly rollOverOf: (project: string) => Pick<RollOverStore, 'schedule'>;
  readonly recordEvent: RecordEvent;
}): ScheduleProjectCa {
  const { transaction, listAuthorities, rollOverOf, recordEvent } = edges;
  return ({ project, step, id: named, at, ...origin }) =>
    transaction(async (trx) => {
      const all = await listAuthorities(project, trx);
      const { id } = chooseAuthority(all, { project, step, id: named });
      const state = step === 'activate' ? 'prepared' : 'retiring';
      if (!(await rollOverOf(project).schedule({ id, state, at }, trx))) {
        throw new Failure(
          'authority-step-refused',
          `Authority ${id} is not ${state}: \`everleaf ca rotate --project ${project}\` shows its state.`,
        );
      }
      const detail = { authority: id, step, at };
      await recordEvent({ action: 'authority.scheduled', project, ...origin, detail }, trx);
      return { id };
    });
}
