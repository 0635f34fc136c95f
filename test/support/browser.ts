import request from 'supertest';
import type { Response, Test } from 'supertest';
import type { TestGateway } from './gateway.js';

/** A browser without windows: it keeps cookies by host and follows nothing by itself. */
export interface Browser {
  get(url: string): Promise<Response>;
  /** Sends a form as the page of the same host would. */
  post(url: string, form: Readonly<Record<string, string>>, headers?: Headers): Promise<Response>;
  /** Follows redirects until a page is there. */
  follow(url: string): Promise<Response>;
  /** The cookies that the host would be sent, by name. */
  cookiesOf(url: string): Map<string, string>;
}

type Headers = Readonly<Record<string, string>>;

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
      if (value === '' || /Expires=Thu, 01 Jan 1970/.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const get = (url: string): Promise<Response> => {
    const { origin, pathname, search } = new URL(url);
    return send(request(origin).get(`${pathname}${search}`), url);
  };
  return {
    cookiesOf,
    get,
    post: (url, form, headers = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }) => {
      const { origin, pathname } = new URL(url);
      return send(request(origin).post(pathname).type('form').set(headers).send(form), url);
    },
    follow: async (url) => {
      let at = url;
      for (let hops = 0; hops < 10; hops += 1) {
        const answer = await get(at);
        if (answer.status < 300 || answer.status > 399) return answer;
        at = new URL(answer.headers['location'] ?? '', at).href;
      }
      throw new Error('too many redirects');
    },
  };
}
