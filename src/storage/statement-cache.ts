import type BetterSqlite3 from 'better-sqlite3';
import type { CompiledQuery, QueryResult } from 'kysely';

/** Runs SQL on one SQLite connection and keeps the statements that were prepared for it. */
export interface StatementCache {
  execute<Row>(query: CompiledQuery): QueryResult<Row>;
}

/** At most `capacity` statements stay prepared; the one unused for longest goes first. */
export function makeStatementCache(
  sqlite: BetterSqlite3.Database,
  capacity: number,
): StatementCache {
  const statements = new Map<string, BetterSqlite3.Statement>();

  function prepared(sql: string): BetterSqlite3.Statement {
    const known = statements.get(sql);
    if (known !== undefined) {
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const statement = sqlite.prepare(sql);
    statements.set(sql, statement);
    if (statements.size > capacity) {
      for (const oldest of statements.keys()) {
        statements.delete(oldest);
        break;
      }
    }
    return statement;
  }

  return {
    execute<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
      const statement = prepared(sql);
      if (!statement.reader) {
        return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
      }
      // Kysely's own contract: the row type is the one that the query builder derived.
      const rows = statement.all(...parameters) as Row[];
      return statement.readonly ? { rows } : { rows, numAffectedRows: BigInt(rows.length) };
    },
  };
}
