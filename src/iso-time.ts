/** Seconds UTC as Aiven's clients and scripts read them: `2026-11-20T09:30:00Z`. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
