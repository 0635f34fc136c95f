import type { ServerResponse } from 'node:http';

/** A whole answer whose body is text. */
export interface TextAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Sends a text as the whole answer; no cache keeps it. */
export function sendText(response: ServerResponse, answer: TextAnswer): void {
  const { status, contentType, text } = answer;
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
