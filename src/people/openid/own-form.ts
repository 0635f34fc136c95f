import type { RequestHandler } from 'express';
import { Failure } from '../../failure.js';

/**
 * Takes a form from a page of this gateway alone. Under `Referrer-Policy: no-referrer` browsers send `Origin: null`
 * (Fetch 3.2), so that Sec-Fetch-Site, which no page can set, has to say that the form was ours.
 */
export function requireOwnForm(adminUrl: string): RequestHandler {
  const own = new URL(adminUrl).origin;
  return (request, _response, next) => {
    const origin = request.headers.origin ?? 'null';
    const site = request.headers['sec-fetch-site'];
    const isOwn = origin === own || (origin === 'null' && site === 'same-origin');
    if (!isOwn || (site !== undefined && site !== 'same-origin')) {
      throw new Failure(
        'sign-in-stale',
        'This form did not come from the page of this gateway: begin again.',
        { isSuspicious: true },
      );
    }
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
      throw new Failure(
        'media-type-unsupported',
        'Send the form as application/x-www-form-urlencoded.',
      );
    }
    next();
  };
}
