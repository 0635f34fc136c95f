/** The error's `code`, or '' where it has none. By field, never by class: under jest errors come from two realms. */
export function codeOf(error: unknown): string {
  return textOf(error, 'code');
}

/** The error's message, or '' where it has none. */
export function messageOf(error: unknown): string {
  return textOf(error, 'message');
}

function textOf(error: unknown, field: 'code' | 'message'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}
