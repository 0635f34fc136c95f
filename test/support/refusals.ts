import type { TestGateway } from './gateway.js';

/** How many certificates are on record, by kind. */
export async function countCertificates(
  gateway: TestGateway,
): Promise<Readonly<Record<string, number>>> {
  const rows = await gateway.database.db
    .selectFrom('certificates')
    .select(['kind', ({ fn }) => fn.countAll<number | string>().as('count')])
    .groupBy('kind')
    .execute();
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
}

/** Refusals in the audit log, oldest first: level, actor, reason. */
export async function refusals(gateway: TestGateway): Promise<readonly (readonly string[])[]> {
  const rows = await gateway.database.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', '=', 'request.refused')
    .orderBy('id')
    .execute();
  return rows.map(({ level, actor, detail }) => [
    level,
    actor,
    (JSON.parse(detail) as { reason: string }).reason,
  ]);
}
