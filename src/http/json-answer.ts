import type { ServerResponse } from 'node:http';

const contentType = 'application/json;charset=UTF-8';

/**
 * Sends a JSON answer as the Connector Service does: this exact content type, `<`, `>` and `&` escaped, a line feed at
 * the end. Without a body it is empty but keeps the content type.
 */
export function sendJson(response: ServerResponse, status: number, body?: object): void {
  const text = body === undefined ? '' : `${escapeHtml(JSON.stringify(body))}\n`;
  response.statusCode = status;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-store');
  if (response.req.complete || response.getHeader('Connection') !== 'close') {
    // As text, not as bytes: node then sends head and body as one TLS record.
    response.end(text);
  } else {
    endWhenHeard(response, text);
  }
}

const lingerMs = 2_000;

/**
 * Sends the whole answer and hears the rest of the request out before the connection closes: closing under a client
 * that is still sending resets it, and the answer is lost (RFC 9112 9.6).
 */
function endWhenHeard(response: ServerResponse, text: string): void {
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, lingerMs);
  response.req.once('end', end).once('close', end).resume();
  response.write(text);
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => escapes[character] ?? character);
}
