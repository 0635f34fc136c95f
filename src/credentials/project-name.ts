import { Failure } from '../failure.js';

/** Whether a text can be the name of a project; what is not is nowhere on record. */
export function isProjectName(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,62}$/.test(text);
}

/** Throws the Failure `name-invalid` for what can be no project's name. */
export function judgeProjectName(text: string): string {
  if (isProjectName(text)) return text;
  throw new Failure(
    'name-invalid',
    'The name of a project has 1 to 63 lower-case letters, digits and -, and begins with a letter.',
  );
}
