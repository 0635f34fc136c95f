import type { Request } from 'express';
import { applicationFilters } from '../connector/application-store.js';
import type { ApplicationFilter } from '../connector/application-store.js';
import { queryText, queryWord } from './query.js';

/** What a list of applications was asked for. */
export interface ApplicationQuery {
  /** As it was typed. */
  readonly text: string;
  /** The beginning of a name. */
  readonly prefix: string;
  /** The beginning of a SHA-256 or a serial number in lower-case hex, where the text may be one. */
  readonly digits: string | undefined;
  readonly state: ApplicationFilter | undefined;
  readonly after: string | undefined;
}

/** Reads the form above the list: a name, a subject, a serial number or a fingerprint. */
export function readApplicationQuery(request: Request): ApplicationQuery {
  const text = queryText(request, 'q');
  const digits = text.replaceAll(/[\s:]/g, '').toLowerCase();
  return {
    text,
    prefix: nameIn(text),
    digits: /^[0-9a-f]{4,64}$/.test(digits) ? digits : undefined,
    state: applicationFilters.find((state) => state === queryText(request, 'state')),
    after: queryWord(request, 'after'),
  };
}

/** Of a subject the names that make up a holder: `CN`, and before it `O` and `OU` of a name with a tenant. */
function nameIn(text: string): string {
  const parts = new Map(
    text
      .split(/[,/]/)
      .map((part) => /^\s*(CN|O|OU)\s*=\s*(.*?)\s*$/i.exec(part))
      .flatMap((found) =>
        found ? [[(found[1] ?? '').toUpperCase(), found[2] ?? ''] as const] : [],
      ),
  );
  return parts.get('CN') ?? text;
}
