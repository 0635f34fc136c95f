import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendText } from './text-answer.js';

/** Text that is safe to stand in a page. */
export interface Markup {
  readonly markup: string;
}

type Piece = string | Markup | readonly Markup[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of a page: what is put in is escaped, unless it is a piece itself. Attributes need double quotes. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { markup: String.raw({ raw: parts }, ...pieces.map(textOf)) };
}

function textOf(piece: Piece): string {
  if (typeof piece === 'string')
    return piece.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
  return 'markup' in piece ? piece.markup : piece.map(textOf).join('\n');
}

const style = `
:root{color-scheme:light dark}
body{margin:0;font:1rem/1.5 system-ui,"DejaVu Sans",sans-serif;background:Canvas;color:CanvasText}
main{max-width:40rem;margin:10vh auto 2rem;padding:0 1.25rem}
header{font-weight:600;color:#2f7d4f}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}
p{overflow-wrap:anywhere}
pre{padding:.75rem 1rem;border:1px solid #8886;border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere;font:.9rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace;user-select:all}
button,a.button{display:inline-block;padding:.6rem 1.1rem;border:0;border-radius:.4rem;background:#2f7d4f;color:#fff;font:inherit;text-decoration:none;cursor:pointer}
button:focus-visible,a:focus-visible{outline:3px solid Highlight;outline-offset:2px}
small{opacity:.75}
p code{white-space:nowrap}
@media (prefers-color-scheme:dark){header{color:#7fcf9c}}
`;

/** Byte for byte what the policy names. */
const styleElement: Markup = { markup: `<style>${style}</style>` };

/** No script, nothing from elsewhere, in no frame; forms go to this gateway alone. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join(';');

/** Sends a page for people; no cache keeps it, and no link from it tells where it stood. */
export function sendPage(
  response: ServerResponse,
  page: { readonly status: number; readonly title: string; readonly body: Markup },
): void {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} - Everleaf</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <header>Everleaf</header>
          <h1>${page.title}</h1>
          ${page.body}
        </main>
      </body>
    </html> `;
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Referrer-Policy', 'no-referrer');
  const contentType = 'text/html; charset=utf-8';
  sendText(response, { status: page.status, contentType, text: `${markup.trim()}\n` });
}
