import type { ServerResponse } from 'node:http';
import { html, sendPage } from '../../http/html-page.js';
import type { User } from '../user-store.js';

/** Where the pages of a sign-in are. */
export const signInPaths = {
  begin: '/sign-in/openid',
  callback: '/sign-in/openid/callback',
  token: '/sign-in/openid/token',
  session: '/sign-in/openid/session',
} as const;

/** Says who signed in, and offers a token. `code` is what the form sends back. */
export function sendSignedIn(
  response: ServerResponse,
  { user, code }: { readonly user: User; readonly code: string },
): void {
  const isNamed = user.realName !== user.email;
  const body = html`<p>
      You are ${isNamed ? `${user.realName}, ` : ''}<strong>${user.email}</strong>.
    </p>
    <form method="post" action="${signInPaths.session}">
      <input type="hidden" name="code" value="${code}" />
      <button type="submit">Go on to the console</button>
    </form>
    <p>
      Programs and the command line prove that with an access token. One made here is good for 30
      days and is shown once. Make it within five minutes.
    </p>
    <form method="post" action="${signInPaths.token}">
      <input type="hidden" name="code" value="${code}" />
      <button type="submit">Make an access token</button>
    </form>`;
  sendPage(response, { status: 200, title: 'You are signed in', body });
}

/** Shows a token, and how to use it. `adminUrl`: how clients reach the gateway. */
export function sendToken(
  response: ServerResponse,
  shown: { readonly user: User; readonly fullToken: string; readonly adminUrl: string },
): void {
  const { user, fullToken, adminUrl } = shown;
  const login = `avn --url ${adminUrl} user login ${shellWord(user.email)} --token`;
  const call = `curl -H "Authorization: Bearer ${fullToken}" ${adminUrl}/v1/me`;
  const body = html`<p>
      This is the access token of <strong>${user.email}</strong>. It is not shown again: keep it
      where you keep passwords. Whoever has it can do what you can.
    </p>
    <pre>${fullToken}</pre>
    <p>With <code>avn</code>, which asks for the token:</p>
    <pre>${login}</pre>
    <p>With <code>curl</code>:</p>
    <pre>${call}</pre>
    <p>
      <small
        >Where your machine does not know the CA of this gateway, add <code>--auth-ca FILE</code> to
        avn and <code>--cacert FILE</code> to curl. The token ends in 30 days, or when you withdraw
        it: <code>DELETE /v1/access_token/${fullToken.slice(0, 12)}</code>.</small
      >
    </p>`;
  sendPage(response, { status: 200, title: 'Your access token', body });
}

/** One word for a shell: an address may hold characters that mean something there. */
function shellWord(text: string): string {
  return /^[\w@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
