import { afterEach } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

/** A POST as it came. */
export interface ReceivedPost {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks that keeps what it is sent. */
export interface WebhookReceiver {
  readonly port: number;
  readonly url: string;
  readonly posts: readonly ReceivedPost[];
  /** Ends when the first has come. */
  readonly first: Promise<void>;
  close(): Promise<void>;
}

const open: WebhookReceiver[] = [];

afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

/** Starts one; `answer` says what it answers, 204 by default. It is closed after the test. */
export async function startReceiver(
  answer: RequestListener = (_request, response) => response.writeHead(204).end(),
): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  let announce: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (announce = resolve));
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posts.push({ method: request.method, path: request.url, headers: request.headers, body });
      announce();
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    port,
    url: `http://127.0.0.1:${String(port)}/hook?token=RECEIVERS-SECRET`,
    posts,
    first,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  open.push(receiver);
  return receiver;
}

/** The body, once its signature is verified as a receiver does; throws where it is not good. */
export function verified({ headers, body }: ReceivedPost, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}
