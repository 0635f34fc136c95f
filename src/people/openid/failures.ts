import type { Dialect } from '../../http/failure-handler.js';
import { html, sendPage } from '../../http/html-page.js';
import { usualStatuses } from '../../http/usual-statuses.js';
import { signInPaths } from './pages.js';

/** Errors as pages for people. */
export const signInDialect: Dialect = {
  statuses: usualStatuses,
  send: (response, { status, failure, requestId }) => {
    const body = html`<p>${failure.message}</p>
      ${failure.detail === undefined ? [] : [html`<p>${failure.detail}</p>`]}
      <p><a class="button" href="${signInPaths.begin}">Begin again</a></p>
      <p><small>Request id: ${requestId}</small></p>`;
    sendPage(response, { status, title: 'You are not signed in', body });
  },
};

/** Whether the URL is for browsers. */
export function isSignInUrl(url: string): boolean {
  return /^\/sign-in(?:[/?]|$)/.test(url);
}
