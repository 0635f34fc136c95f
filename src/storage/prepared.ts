import {
  sql,
  type Compilable,
  type CompiledQuery,
  type DialectAdapter,
  type Kysely,
  type QueryResult,
  type RawBuilder,
} from 'kysely';
import type { Schema } from './schema.js';
import { directExecutions } from './sqlite-driver.js';

/** Stands for the values that a prepared query gets at each run. */
export type Placeholders<Params> = <Name extends keyof Params & string>(
  name: Name,
) => RawBuilder<Params[Name]>;

/** A query that is compiled once for each database and run many times. `executor` is `db` or `trx`. */
export interface Prepared<Params, Row> {
  run(executor: Kysely<Schema>, params: Params): Promise<Row[]>;
  /** The first row, where there is one. */
  first(executor: Kysely<Schema>, params: Params): Promise<Row | undefined>;
  /** For insert, update and delete: how many rows it changed. */
  change(executor: Kysely<Schema>, params: Params): Promise<number>;
}

/**
 * Compiling a query costs more than running it. The parameters are named by the annotation of the second argument:
 * `prepare((db, p: Placeholders<{ sha256: string }>) => db.selectFrom('certificates').selectAll()
 *   .where('sha256', '=', p('sha256')))`. A list of changing length cannot be a parameter.
 */
export function prepare<Params extends object, Row>(
  build: (db: Kysely<Schema>, p: Placeholders<Params>) => Compilable<Row>,
): Prepared<Params, Row> {
  // One adapter stands for one open database; its transactions share it.
  const compiledFor = new WeakMap<DialectAdapter, Compiled<Params, Row>>();

  function bound(executor: Kysely<Schema>, params: Params): CompiledQuery<Row> {
    const { adapter } = executor.getExecutor();
    let compiled = compiledFor.get(adapter);
    if (compiled === undefined) {
      compiled = compile(executor, build);
      compiledFor.set(adapter, compiled);
    }
    return compiled(params);
  }

  async function execute(executor: Kysely<Schema>, params: Params): Promise<QueryResult<Row>> {
    const query = bound(executor, params);
    const direct = directExecutions.get(executor.getExecutor().adapter);
    if (direct && executor.isTransaction) return direct.write<Row>(query);
    if (direct && isReading(query)) return direct.read<Row>(query);
    return executor.executeQuery(query);
  }

  return {
    async run(executor, params) {
      return (await execute(executor, params)).rows;
    },
    async first(executor, params) {
      return (await execute(executor, params)).rows[0];
    },
    async change(executor, params) {
      const { numAffectedRows } = await execute(executor, params);
      if (numAffectedRows === undefined)
        throw new Error('change() needs a query that changes rows');
      return Number(numAffectedRows);
    },
  };
}

function isReading({ query }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode';
}

type Compiled<Params, Row> = (params: Params) => CompiledQuery<Row>;
type Slot<Params> = { readonly name: keyof Params & string } | { readonly constant: unknown };

function compile<Params extends object, Row>(
  executor: Kysely<Schema>,
  build: (db: Kysely<Schema>, p: Placeholders<Params>) => Compilable<Row>,
): Compiled<Params, Row> {
  const names = new Map<unknown, keyof Params & string>();
  const query = build(executor, (name) => {
    const mark = { placeholder: name };
    names.set(mark, name);
    return sql`${mark}`;
  }).compile();
  const { sql: text, query: node, queryId } = query;
  const slots = query.parameters.map((parameter): Slot<Params> => {
    const name = names.get(parameter);
    return name === undefined ? { constant: parameter } : { name };
  });
  return (params) => {
    const parameters = slots.map((slot) => valueOf(slot, params));
    return { sql: text, query: node, queryId, parameters };
  };
}

function valueOf<Params extends object>(slot: Slot<Params>, params: Params): unknown {
  if ('constant' in slot) return slot.constant;
  const value = params[slot.name];
  // pg would write null for it, silently.
  if (value === undefined) throw new Error(`no value for the parameter ${slot.name}`);
  return value;
}
