/**
 * Of rows that were asked for with one more than a page has: the page, and its last row where there are more behind it.
 */
export function cutPage<Row>(
  found: readonly Row[],
  limit: number,
): { readonly rows: Row[]; readonly last: Row | undefined } {
  const rows = found.slice(0, limit);
  return { rows, last: found.length > limit ? rows.at(-1) : undefined };
}
