import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { requireOwnForm } from '../people/openid/own-form.js';
import { isSameSecret } from '../people/same-secret.js';
import { viewerOf } from './viewer.js';

const forms = new WeakMap<Request, URLSearchParams>();

/** Reads a form that a page of this gateway sent, by its origin; leaves it for formOf. */
export function readOwnForm(adminUrl: string): RequestHandler[] {
  return [
    requireOwnForm(adminUrl),
    readBody,
    (request, _response, next) => {
      forms.set(request, new URLSearchParams(bodyOf(request).toString('utf8')));
      next();
    },
  ];
}

/** The same of a session: the form has to bring its token along (`form_token`). */
export function readSessionForm(adminUrl: string): RequestHandler[] {
  return [
    ...readOwnForm(adminUrl),
    (request, _response, next) => {
      if (!isSameSecret(formOf(request).get('form_token') ?? '', viewerOf(request).formToken)) {
        throw new Failure(
          'sign-in-stale',
          'This form belongs to a session that has ended: open the page again.',
          { isSuspicious: true },
        );
      }
      next();
    },
  ];
}

/** What was read. */
export function formOf(request: Request): URLSearchParams {
  const form = forms.get(request);
  if (!form) throw new Error('a route asked for a form that was not read');
  return form;
}
