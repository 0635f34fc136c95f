import { sql, type CreateTableBuilder, type RawBuilder } from 'kysely';

/** How one database spells the few kinds of column that the record uses. */
export interface ColumnKinds {
  /** Compared byte by byte on both databases, whatever the locale. */
  readonly text: RawBuilder<unknown>;
  /** 64 bits: seconds outlive 2038. */
  readonly whole: RawBuilder<unknown>;
  /** A whole number that the database counts up and never gives twice. */
  readonly counter: RawBuilder<unknown>;
  /** Finishes a table: SQLite then refuses a value of the wrong type as PostgreSQL does. */
  readonly strict: <Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ) => CreateTableBuilder<Table, Column>;
  /** The same for narrow rows that are only looked up by their key: SQLite then keeps them in the key's index. */
  keyed<Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ): CreateTableBuilder<Table, Column>;
}

/** The column kinds of SQLite or PostgreSQL. */
export function columnKinds(database: 'sqlite' | 'postgres'): ColumnKinds {
  if (database === 'sqlite') {
    return {
      text: sql`text`,
      whole: sql`integer`,
      counter: sql`integer primary key autoincrement`,
      strict: (table) => table.modifyEnd(sql`strict`),
      keyed: (table) => table.modifyEnd(sql`strict, without rowid`),
    };
  }
  return {
    text: sql`text collate "C"`,
    whole: sql`bigint`,
    counter: sql`bigint generated always as identity primary key`,
    strict: (table) => table,
    keyed: (table) => table,
  };
}
