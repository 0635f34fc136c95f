import type { Response } from 'express';
import { html, sendPage } from '../http/html-page.js';

/** Leads a browser on to a path of this gateway from a page of its own, so that its Strict cookies come along. */
export function sendContinuing(response: Response, path: string): void {
  const target = ownPath(path);
  // As a header it needs no script; browsers take it as a step of this page.
  response.setHeader('Refresh', `0; url=${target}`);
  const body = html`<p><a class="button" href="${target}">Go on</a></p>`;
  sendPage(response, { status: 200, title: 'One moment', body });
}

/** The path where it is one of this gateway, else the first page: nobody is led elsewhere. */
export function ownPath(path: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !/[\\"<>]/.test(path) ? path : '/';
}
