import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

interface Growing {
  /** Finds rows that the gateway wrote: one of them is the pattern for all that are added. */
  readonly pattern: string;
  /** What differs from row to row, by column, in SQL; the other columns are copied. */
  readonly varying: Readonly<Record<string, string>>;
}

const tables: Readonly<Record<string, Growing>> = {
  certificates: {
    pattern: `kind = 'application'`,
    varying: {
      // Ascending, so that the table's own index is filled from one side; spread over the whole range all the same.
      sha256: `printf('%012x', n * (281474976710655 / :count)) || lower(hex(randomblob(26)))`,
      serial: `lower(hex(randomblob(16)))`,
      holder: `'grown-' || (n / 4)`,
      spki_sha256: random256(),
      line: random256(),
      predecessor: random256(),
      replay_key: random256(),
      not_after: 'not_after + n / 10',
    },
  },
  public_keys: {
    pattern: `kind = 'application'`,
    varying: {
      spki_sha256: `printf('%012x', n * (281474976710655 / :count)) || lower(hex(randomblob(26)))`,
      holder: `'grown-' || (n / 4)`,
    },
  },
  audit_events: {
    pattern: `action = 'certificate.renewed'`,
    varying: {
      id: 'null',
      holder: `'grown-' || (n / 4)`,
      certificate: random256(),
      request_id: `lower(hex(randomblob(12)))`,
    },
  },
};

function random256(): string {
  return `lower(hex(randomblob(32)))`;
}

/** Puts `count` certificates, keys and events on the record of a gateway that is not running. */
export function growRecord(home: string, count: number): void {
  const sqlite = new BetterSqlite3(join(home, 'everleaf.db'));
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -500000'])
    sqlite.pragma(pragma);
  for (const [table, growing] of Object.entries(tables)) {
    growTable(sqlite, { table, growing, count });
  }
  sqlite.close();
}

/** Without its indexes while it grows: to sort them in the end takes a fraction of the time. */
function growTable(
  sqlite: BetterSqlite3.Database,
  input: { table: string; growing: Growing; count: number },
): void {
  const { table, growing, count } = input;
  const { pattern, varying } = growing;
  const indexes = sqlite
    .prepare<[string], { name: string; sql: string }>(
      `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = ?`,
    )
    .all(table);
  for (const { name } of indexes) sqlite.exec(`drop index ${name}`);
  const columns = sqlite
    .prepare<[string], { name: string }>('select name from pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name);
  const values = columns.map((name) => varying[name] ?? name);
  sqlite
    .prepare(
      `with recursive counted(n) as (select 0 union all select n + 1 from counted where n + 1 < :count)
       insert into ${table} (${columns.join(', ')})
       select ${values.join(', ')} from counted, (select * from ${table} where ${pattern} limit 1)`,
    )
    .run({ count });
  for (const { sql } of indexes) sqlite.exec(sql);
}
