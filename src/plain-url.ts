/** A text without the slashes at its end. */
export function withoutSlashes(text: string): string {
  return text.replace(/\/+$/, '');
}

/** Whether it is an absolute URL of one of the protocols (`https:`), without query, fragment or credentials. */
export function isPlainUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    protocols.includes(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  );
}
