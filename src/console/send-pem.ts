import type { Response } from 'express';
import { sendText } from '../http/text-answer.js';

/** Sends certificates as a file to keep. `name` of the gateway's own making. */
export function sendPem(
  response: Response,
  { name, pem }: { readonly name: string; readonly pem: string },
): void {
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  sendText(response, { status: 200, contentType: 'application/x-pem-file', text: pem });
}
