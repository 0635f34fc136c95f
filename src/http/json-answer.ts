import type { ServerResponse } from 'node:http';
import { sendText } from './text-answer.js';

const contentType = 'application/json;charset=UTF-8';

/**
 * Sends a JSON answer as the Connector Service does: this exact content type, `<`, `>` and `&` escaped, a line feed at
 * the end. Without a body it is empty but keeps the content type.
 */
export function sendJson(response: ServerResponse, status: number, body?: object): void {
  const text = body === undefined ? '' : `${escapeHtml(JSON.stringify(body))}\n`;
  sendText(response, { status, contentType, text });
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
