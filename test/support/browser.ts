import request from 'supertest';
import type { Response, Test } from 'supertest';
import type { TestGateway } from './gateway.js';

type Fields = Readonly<Record<string, string>>;

/** A browser without windows: it keeps cookies by host, and follows a redirect only where it is told to. */
export interface Browser {
  get(url: string): Promise<Response>;
  /** Follows redirects until a page is there. */
  follow(url: string): Promise<Response>;
  /** Follows redirects until the next one would lead to a path that ends so; gives that URL. */
  followTo(path: string, url: string): Promise<string>;
  /** Presses the button of the form for a token, on a page of that URL; `headers` instead of a browser's own. */
  submit(url: string, page: Pick<Response, 'text'>, headers?: Fields): Promise<Response>;
  /** What it keeps for a URL, by name. */
  cookiesOf(url: string): Map<string, string>;
}

/** What browsers say of a form on a page with `Referrer-Policy: no-referrer` (Fetch 3.2). */
export const sameOrigin: Fields = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' };

/** With a jar of its own. */
export function openBrowser({ ca }: Pick<TestGateway, 'ca'>): Browser {
  const jars = new Map<string, Map<string, string>>();
  const cookiesOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const send = async (test: Test, url: string): Promise<Response> => {
    const jar = cookiesOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '') void test.set('Cookie', cookie);
    const answer = await test.ca(ca).redirects(0);
    for (const line of answer.get('Set-Cookie') ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const get: Browser['get'] = (url) => {
    const { origin, pathname, search } = new URL(url);
    return send(request(origin).get(`${pathname}${search}`), url);
  };
  const next = (answer: Response, url: string): string | undefined =>
    answer.status >= 300 && answer.status <= 399
      ? new URL(answer.headers['location'] ?? '', url).href
      : undefined;
  return {
    cookiesOf,
    get,
    follow: async (url) => {
      let at = url;
      for (;;) {
        const answer = await get(at);
        const to = next(answer, at);
        if (to === undefined) return answer;
        at = to;
      }
    },
    followTo: async (path, url) => {
      let at = url;
      while (!new URL(at).pathname.endsWith(path)) {
        const answer = await get(at);
        const to = next(answer, at);
        if (to === undefined) throw new Error(`no way to ${path}: ${String(answer.status)}`);
        at = to;
      }
      return at;
    },
    submit: async (url, page, headers = sameOrigin) => {
      const [, action = ''] = /<form method="post" action="([^"]+\/token)"/.exec(page.text) ?? [];
      const fields = [...page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
      const form = Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
      const { origin } = new URL(url);
      const body = new URLSearchParams(form).toString();
      return send(request(origin).post(action).type('form').set(headers).send(body), url);
    },
  };
}
