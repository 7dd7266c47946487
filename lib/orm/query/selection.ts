import type { Expression, SelectQueryBuilder, SqlBool } from 'kysely';
import type { Connection, RawRow, Statement } from '../../connection/connection.js';
import { kyselySql } from '../../plan/kysely.js';
import { builderOf } from '../builder.js';
import type { MappedColumn, Mapping, Order } from '../mapping/mapping.js';
import { prepare } from '../schema/missing-table.js';
import { abilities } from './abilities.js';
import { comparable } from './comparable.js';
import { type Builder, type Condition, formsOf, tablesOf, valuesOf } from './condition.js';
import { outermost, predicate } from './predicate.js';
import { locked, text } from './select.js';

/** An order; `isBare` is that of the values as they are stored, which a comparison with stored keys follows. */
export interface Sorting extends Order {
  readonly isBare?: true;
}
/** Which rows of an entity, in which order: what a query asks for, as data. */
export interface Selection {
  readonly mapping: Mapping;
  readonly conditions: readonly Condition[];
  readonly order: readonly Sorting[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly isDistinct: boolean;
  /** Its rows are locked for writing, where a database locks rows. */
  readonly isLocked: boolean;
}

/** A statement with its values. */
export class Prepared {
  readonly statement: Statement;
  readonly #values: readonly unknown[];

  constructor(statement: Statement, values: readonly unknown[]) {
    this.statement = statement;
    this.#values = values;
  }
  all(): RawRow[] {
    return this.statement.all(this.#values);
  }
  iterate(): IterableIterator<RawRow> {
    return this.statement.iterate(this.#values);
  }
  run(): number {
    return this.statement.run(this.#values).changes;
  }
}

interface Compiles {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] };
}

/**
 * A statement about the rows of a selection. Its text is made once for each form that the selection takes; where a
 * condition was said in Kysely's words, anew each time.
 *
 * @param around what is bound before the values of the conditions and behind them
 */
export function statementFor(
  connection: Connection,
  { mapping, conditions }: Selection,
  purpose: string | undefined,
  around: { readonly before?: readonly unknown[]; readonly behind?: readonly unknown[] },
  compile: () => Compiles,
): Prepared {
  const forms = formsOf(conditions);
  if (forms === undefined || purpose === undefined) {
    const { sql, parameters } = compile().compile();
    return new Prepared(prepare(connection, mapping, sql), parameters);
  }
  const sql = text(connection, mapping, `${purpose} where ${forms}`, compile);
  const values = [...(around.before ?? []), ...valuesOf(conditions), ...(around.behind ?? [])];
  return new Prepared(prepare(connection, mapping, sql), values);
}

/** Some columns of its rows, in its order, as far as its limit and offset allow. */
export function select(connection: Connection, selection: Selection, columns: readonly MappedColumn[]): Prepared {
  const { mapping, order, limit, offset, isDistinct, isLocked } = selection;
  const sorted = sortedBy(order);
  const shape = `${isDistinct ? 'distinct ' : ''}${limit === undefined ? '' : 'limit '}${offset === undefined ? '' : 'offset '}${isLocked ? 'locked ' : ''}`;
  const which = columns === mapping.columns ? 'all' : columns.map(({ index }) => index).join();
  return statementFor(
    connection,
    selection,
    `select ${which} ${shape}order ${sorted}`,
    { behind: window(connection, selection) },
    () => {
      const from = builderOf(connection)
        .selectFrom(mapping.table)
        .select(columns.map(({ name }) => name));
      const found = filtered(connection, isDistinct ? from.distinct() : from, selection);
      return locked(connection.dialect, windowed(connection, found, selection), isLocked);
    },
  );
}

/** How many rows there are, whatever limit and offset say. */
export function count(connection: Connection, selection: Selection): number {
  const { mapping, isDistinct } = selection;
  const from = builderOf(connection).selectFrom(mapping.table);
  const counted = statementFor(connection, selection, `count${isDistinct ? ' distinct' : ''}`, {}, () => {
    if (!isDistinct)
      return filtered(
        connection,
        from.select(({ fn }) => fn.countAll().as('count')),
        selection,
      );
    const distinct = filtered(connection, from.select(mapping.columns.map(({ name }) => name)).distinct(), selection);
    return builderOf(connection)
      .selectFrom(distinct.as('found'))
      .select(({ fn }) => fn.countAll().as('count'));
  });
  return counted.all()[0]?.[0] as number;
}

export function exists(connection: Connection, selection: Selection): boolean {
  // Kysely binds every limit.
  const found = statementFor(connection, selection, 'exists', { behind: [1] }, () =>
    filtered(
      connection,
      builderOf(connection)
        .selectFrom(selection.mapping.table)
        .select(({ lit }) => lit(1).as('found')),
      selection,
    ).limit(1),
  );
  return found.all().length > 0;
}

// biome-ignore lint/suspicious/noExplicitAny: the table is known to the mapping, not to the compiler
type Select = SelectQueryBuilder<any, any, any>;

/** Only the rows that fulfil its conditions. */
export function filtered<Q extends Filterable<Q>>({ dialect }: Connection, query: Q, selection: Selection): Q {
  const { mapping, conditions } = selection;
  const scope = outermost(dialect, mapping);
  return conditions.reduce((all, each) => all.where((eb) => predicate(eb, each, scope)), query);
}
/** What Kysely's selects, updates and deletes have in common. */
export interface Filterable<Q> {
  where(condition: Expression<SqlBool> | ((eb: Builder) => Expression<SqlBool>)): Q;
}

/** In its order, from its offset to its limit. */
export function windowed({ dialect }: Connection, query: Select, { order, limit, offset }: Selection): Select {
  const sorted = order.reduce((all, { column, direction, isBare }) => {
    const name = kyselySql.id(column.name);
    return all.orderBy(isBare ? name : comparable(dialect, column, name), direction);
  }, query);
  // An offset without a limit is no SQL.
  const { noLimit } = abilities[dialect];
  const limited = limit === undefined && offset === undefined ? sorted : sorted.limit(limit ?? noLimit);
  return offset === undefined ? limited : limited.offset(offset);
}
/** What decides the SQL of an order. */
export const sortedBy = (order: readonly Sorting[]): string =>
  order.map(({ column, direction, isBare }) => `${column.index} ${isBare ? 'bare ' : ''}${direction}`).join();
/** What `windowed` binds. */
export const window = ({ dialect }: Connection, { limit, offset }: Selection): (number | bigint)[] =>
  offset === undefined ? (limit === undefined ? [] : [limit]) : [limit ?? abilities[dialect].noLimit, offset];

/** Whose tables are read for a selection; undefined where nobody knows. */
export function tablesIn({ mapping, conditions }: Selection): Mapping[] | undefined {
  const further = tablesOf(conditions);
  return further && [mapping, ...further];
}
