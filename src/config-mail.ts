import { z } from 'zod';
import { readEmailAddress } from './email-address.js';

const smtpForm = 'must be smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ where needed';

/** `smtp://` or `smtps://`, user and password percent-encoded, and nothing behind the port. */
export const smtpUrlValue = z.string().transform((text, context) => {
  const server = readSmtpUrl(text);
  if (server !== undefined) return server;
  context.addIssue(smtpForm);
  return z.NEVER;
});

function readSmtpUrl(text: string) {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const isPlain = /^\/?$/.test(pathname) && search === '' && hash === '';
  if (!/^smtps?:$/.test(protocol) || hostname === '' || !isPlain) return undefined;
  if ((username === '') !== (password === '')) return undefined;
  const user = decoded(username);
  const pass = decoded(password);
  if (user === undefined || pass === undefined) return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    hasTls: protocol === 'smtps:',
    credentials: user === '' ? undefined : { user, pass },
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // a bare % is no percent-encoding
    return undefined;
  }
}

/** `ADDRESS` or `NAME <ADDRESS>`. */
export const senderValue = z.string().transform((text, context) => {
  const [, name = '', bracketed] = /^([^<>"\p{Cc}]{0,64}?) ?<([^<>]+)>$/u.exec(text) ?? [];
  const address = readEmailAddress(bracketed ?? text);
  if (address !== undefined) return { name, address };
  context.addIssue(
    'must be an e-mail address, such as everleaf@example.com or Name <everleaf@example.com>',
  );
  return z.NEVER;
});
