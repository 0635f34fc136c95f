/** Where the pages are. */
const sections = [
  'sign-in',
  'sign-out',
  'applications',
  'projects',
  'governance',
  'authorities',
  'people',
  'tokens',
  'audit',
  'announcements',
  'assets',
] as const;

const consoleUrl = new RegExp(`^/(?:(?:${sections.join('|')})(?:[/?]|$)|[?]|$)`);

/** Whether a URL is for people who look at pages; the rest of the listener is for programs. */
export function isConsoleUrl(url: string): boolean {
  return consoleUrl.test(url) && !/^\/sign-in\/openid(?:[/?]|$)/.test(url);
}

/** A path of the console: what comes from outside is encoded. */
export function consolePath(parts: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: parts }, ...names.map(encodeURIComponent));
}
