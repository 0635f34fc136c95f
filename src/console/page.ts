import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Request, Response } from 'express';
import { sendText } from '../http/text-answer.js';
import { assetPaths } from './assets.js';
import { keepIfHeld } from './held-pages.js';
import { navigationFor } from './navigation.js';
import type { SidebarLink } from './navigation.js';
import { pieces } from './pieces.js';
import { knownViewer } from './viewer.js';

/** A page of the console. */
export interface Page {
  /** The file in views that shows it, without its ending. */
  readonly view: string;
  readonly title: string;
  readonly status?: number;
  /** What the view calls `it`, besides what every view has. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Links beside the page, where it belongs to something that has several. */
  readonly sidebar?: { readonly title: string; readonly links: readonly SidebarLink[] };
  /** Above the title, from the outermost. */
  readonly trail?: readonly { readonly text: string; readonly href: string }[];
  /** Why what was asked for was not done: the page says so above everything. */
  readonly problem?: string | undefined;
  /** What was done. */
  readonly said?: string | undefined;
}

const eta = new Eta({
  views: fileURLToPath(new URL('./views', import.meta.url)),
  cache: true,
  autoTrim: false,
});

/** Script and style from here alone, nothing inline, in no frame; forms go to this gateway alone. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join(';');

/** Sends a page; no cache keeps it, and no link from it tells where it stood. */
export function sendConsolePage(request: Request, response: Response, page: Page): void {
  const viewer = knownViewer(request);
  const text = eta.render(`./${page.view}`, {
    ...page.data,
    ...pieces,
    page: {
      ...page,
      assets: assetPaths,
      navigation: viewer && navigationFor(viewer, request.path),
    },
    viewer,
    path: request.path,
  });
  const made = { status: page.status ?? 200, text };
  if (!keepIfHeld(response, made)) sendMarkup(response, made);
}

/** Sends what a view has made. */
export function sendMarkup(
  response: ServerResponse,
  { status, text }: { readonly status: number; readonly text: string },
): void {
  response.setHeader('Content-Security-Policy', policy);
  // Of links within the gateway the pages know where they came from; others learn nothing.
  response.setHeader('Referrer-Policy', 'same-origin');
  sendText(response, { status, contentType: 'text/html; charset=utf-8', text });
}

/** Leads on to a page after something was done; `said` is a word that the page knows a sentence for. */
export function redirectTo(response: Response, path: string, said?: string): void {
  response.setHeader('Cache-Control', 'no-store');
  const query = said === undefined ? '' : `${path.includes('?') ? '&' : '?'}said=${said}`;
  response.redirect(303, `${path}${query}`);
}
