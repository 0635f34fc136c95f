/** Seconds UTC as the answers of this dialect write them: `2026-11-20T09:30:00.000Z`. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
