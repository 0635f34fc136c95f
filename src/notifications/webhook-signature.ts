import { createHmac } from 'node:crypto';
import type { RandomBytes } from '../edges.js';

const prefix = 'whsec_';

/** A secret that its receiver verifies with: `whsec_` and 32 bytes in base64, as Standard Webhooks has it. */
export function drawWebhookSecret(random: RandomBytes): string {
  return prefix + Buffer.from(random(32)).toString('base64');
}

/** The headers of Standard Webhooks 1.0.0 for one attempt; `timestamp` in seconds UTC is when it is made. */
export function signWebhook(message: {
  readonly secret: string;
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { secret, id, timestamp, body } = message;
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${String(timestamp)}.${body}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${mac.digest('base64')}`,
  };
}
