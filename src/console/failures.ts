import { STATUS_CODES } from 'node:http';
import { html, sendPage } from '../http/html-page.js';
import type { Dialect } from '../http/failure-handler.js';
import { usualStatuses } from '../http/usual-statuses.js';
import { takeHeldPage } from './held-pages.js';
import { sendMarkup } from './page.js';

/** Errors as pages for people. */
export const consoleDialect: Dialect = {
  statuses: usualStatuses,
  send: (response, refusal) => {
    const { status, failure, requestId } = refusal;
    const held = takeHeldPage(response);
    if (held) {
      sendMarkup(response, held);
      return;
    }
    const body = html`<p>${failure.message}</p>
      ${failure.detail === undefined ? [] : [html`<p>${failure.detail}</p>`]}
      <p><a class="button" href="/">To the overview</a></p>
      <p><small>Request id: ${requestId}</small></p>`;
    sendPage(response, { status, title: STATUS_CODES[status] ?? 'Error', body });
  },
};
