/** One page of a list, and where the next one begins. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** The first `limit` rows of a list that comes in pages, and whether there are more. */
export async function collectPages<Row>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Row>>,
  limit: number,
): Promise<{ readonly rows: readonly Row[]; readonly hasMore: boolean }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && rows.length < limit);
  return { rows: rows.slice(0, limit), hasMore: cursor !== undefined || rows.length > limit };
}
