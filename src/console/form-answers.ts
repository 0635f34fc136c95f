import { Failure } from '../failure.js';
import { usualStatuses } from '../http/usual-statuses.js';

/** Why a form was not done, for the page that shows it again with what was typed. */
export interface FormRefusal {
  readonly problem: string;
  readonly status: number;
}

/** Does what a form asks for; undefined where that was done. What is no Failure flies on. */
export async function refusalOf(work: () => Promise<unknown>): Promise<FormRefusal | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { problem: error.message, status: usualStatuses[error.kind] };
  }
}
