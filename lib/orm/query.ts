import { sql as kyselySql, type SelectQueryBuilder } from 'kysely';
import type { RawRow } from '../connection/connection.js';
import { NoResultError, valueError } from '../errors.js';
import type { AnyMapped, ColumnKey, Loaded, LoadedKey, Mapped, RelationKey, Unfinished } from '../plan/detached.js';
import { unfinished } from '../wire/portable.js';
import { comparable } from './comparable.js';
import { type MappedColumn, type Mapping, writeColumn } from './mapping.js';
import { prepare } from './missing-table.js';
import { padded, selectAll, text } from './select.js';
import { stateOf } from './state.js';
import type { Workspace } from './workspace.js';

export type Where<T> =
  T extends Mapped<infer C> ? { [K in keyof C]?: C[K]['$type'] | readonly C[K]['$type'][] } : never;
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like' | 'in';
type Target<T, K> = K extends keyof T
  ? NonNullable<T[K]> extends readonly (infer U)[]
    ? U
    : NonNullable<T[K]>
  : never;
/** `'addresses'`, `'orders.items'`: relations from here, up to three steps. */
export type RelationPath<T, Depth extends 0[] = []> = Depth['length'] extends 3
  ? never
  : { [K in RelationKey<T>]: K | `${K}.${RelationPath<Target<T, K>, [...Depth, 0]>}` }[RelationKey<T>];
type Head<P> = P extends `${infer H}.${string}` ? H : P;

interface Condition {
  readonly column: MappedColumn;
  readonly operator: Operator | 'is' | 'is not' | 'in or null';
  readonly values: readonly unknown[];
}

/** A query for entities, made by `session.query(User)`. Nothing is sent before one of its ends: all, first, one, count, exists, iterate. */
export class Query<T extends AnyMapped> implements Iterable<T>, Unfinished {
  declare readonly [unfinishedType]: true;
  readonly #workspace: Workspace;
  readonly #mapping: Mapping;
  readonly #beforeQuery: (seen: readonly Mapping[]) => void;
  readonly #access: 'read' | 'write';
  readonly #conditions: Condition[] = [];
  readonly #orders: { column: MappedColumn; direction: 'asc' | 'desc' }[] = [];
  readonly #paths: string[][] = [];
  #limit: number | undefined;
  #offset: number | undefined;

  constructor(
    workspace: Workspace,
    mapping: Mapping,
    access: 'read' | 'write',
    beforeQuery: (seen: readonly Mapping[]) => void,
  ) {
    this.#workspace = workspace;
    this.#mapping = mapping;
    this.#access = access;
    this.#beforeQuery = beforeQuery;
  }
  get [unfinished](): true {
    return true;
  }

  /** Columns that equal a value, are null, or are one of an array: `where({ name: 'Ada', age: [36, 37] })`. */
  where(columns: Where<T>): this;
  /** One comparison: `where('age', '>', 30)`. */
  where<K extends ColumnKey<T>>(column: K, operator: Operator, value: unknown): this;
  where(first: object | string, operator?: Operator, value?: unknown): this {
    if (typeof first === 'string') this.#add(first, operator as Operator, value);
    else
      for (const [property, each] of Object.entries(first)) this.#add(property, Array.isArray(each) ? 'in' : '=', each);
    return this;
  }

  #add(property: string, operator: Operator, value: unknown): void {
    const column = this.#mapping.column(property);
    if (!OPERATORS.has(operator))
      throw valueError('The operator of where()', operator, `one of ${[...OPERATORS].join(' ')}`);
    if (value === null && (operator === '=' || operator === '!=')) {
      this.#conditions.push({ column, operator: operator === '=' ? 'is' : 'is not', values: [] });
    } else if (operator === 'in') {
      if (!Array.isArray(value)) throw valueError(column.place, value, "an array after 'in'");
      // No value is in a list because of the null in it: SQL has a word of its own for that.
      const values = padded(value.filter((each) => each !== null).map((each) => writeColumn(column, each)));
      this.#conditions.push({ column, operator: value.includes(null) ? 'in or null' : 'in', values });
    } else {
      this.#conditions.push({ column, operator, values: [writeColumn(column, value)] });
    }
  }

  orderBy(column: ColumnKey<T>, direction: 'asc' | 'desc' = 'asc'): this {
    if (direction !== 'asc' && direction !== 'desc')
      throw valueError('The direction of orderBy()', direction, "'asc' or 'desc'");
    this.#orders.push({ column: this.#mapping.column(column), direction });
    return this;
  }
  limit(rows: number): this {
    this.#limit = wholeNumber('limit()', rows);
    return this;
  }
  offset(rows: number): this {
    this.#offset = wholeNumber('offset()', rows);
    return this;
  }
  /** Loads relations ahead, so that they are surely there when the entities leave the unit. */
  with<const P extends RelationPath<T>>(...paths: P[]): Query<T & Loaded<LoadedKey<T> | Head<P>>> {
    for (const path of paths) this.#paths.push(this.#checkedPath(path));
    return this as never;
  }

  #checkedPath(path: string): string[] {
    const names = path.split('.');
    names.reduce((mapping, name) => mapping.relation(name).target, this.#mapping);
    return names;
  }

  all(): T[] {
    return this.#load(this.#rows()) as T[];
  }
  /** The first in the query's order, or undefined. */
  first(): T | undefined {
    return this.#load(this.#rows(1))[0] as T | undefined;
  }
  /** The only one there is; an error where there are none or several. */
  one(): T {
    const found = this.#load(this.#rows(2));
    if (found.length !== 1)
      throw new NoResultError({ entity: this.#mapping.name, found: found.length === 0 ? 'none' : 'more than one' });
    return found[0] as T;
  }
  /** How many there are, whatever limit and offset say. */
  count(): number {
    const sql = this.#text('count', () => this.#filtered(this.#from.select(({ fn }) => fn.countAll().as('count'))));
    this.#beforeQuery([this.#mapping]);
    return prepare(this.#workspace.connection, this.#mapping, sql).all(this.#values())[0]?.[0] as number;
  }
  exists(): boolean {
    const sql = this.#text('exists', () => this.#filtered(this.#from.select(({ lit }) => lit(1).as('found')).limit(1)));
    this.#beforeQuery([this.#mapping]);
    // Kysely binds every limit.
    return prepare(this.#workspace.connection, this.#mapping, sql).all([...this.#values(), 1]).length > 0;
  }
  /**
   * One after the other. A session that only reads takes the rows from the database as they are asked for; one that
   * writes takes them first, since an open cursor would refuse its writes.
   */
  *iterate(): IterableIterator<T> {
    const [sql, values] = this.#select();
    const statement = prepare(this.#workspace.connection, this.#mapping, sql);
    let page: RawRow[] = [];
    for (const row of this.#access === 'read' ? statement.iterate(values) : statement.all(values)) {
      page.push(row);
      if (page.length < PAGE) continue;
      yield* this.#load(page) as T[];
      page = [];
    }
    yield* this.#load(page) as T[];
  }
  [Symbol.iterator](): IterableIterator<T> {
    return this.iterate();
  }

  #rows(most?: number): RawRow[] {
    const [sql, values] = this.#select(most);
    return prepare(this.#workspace.connection, this.#mapping, sql).all(values);
  }

  #select(most?: number): [sql: string, values: unknown[]] {
    const limit = most === undefined ? this.#limit : Math.min(most, this.#limit ?? most);
    const offset = this.#offset;
    const sql = this.#text(
      `select${limit === undefined ? '' : ' limit'}${offset === undefined ? '' : ' offset'}`,
      () => {
        let query = this.#filtered(selectAll(this.#workspace.connection, this.#mapping));
        const { dialect } = this.#workspace.connection;
        for (const { column, direction } of this.#orders)
          query = query.orderBy(comparable(dialect, column, kyselySql.id(column.name)), direction);
        // An offset without a limit is no SQL; -1 is SQLite's "no limit".
        if (limit !== undefined || offset !== undefined) query = query.limit(0);
        return offset === undefined ? query : query.offset(0);
      },
    );
    const window = offset === undefined ? (limit === undefined ? [] : [limit]) : [limit ?? -1, offset];
    this.#beforeQuery([this.#mapping]);
    return [sql, [...this.#values(), ...window]];
  }

  #load(rows: readonly RawRow[]): object[] {
    const instances = this.#workspace
      .hydrate(this.#mapping, rows)
      .filter((instance) => stateOf(instance)?.status !== 'removed');
    for (const path of this.#paths) {
      let reached: object[] = instances;
      for (const name of path)
        reached = [
          ...new Set(reached.flatMap((instance) => (instance as Record<string, object | object[]>)[name] ?? [])),
        ];
    }
    return instances;
  }

  get #from() {
    return this.#workspace.connection.builder.selectFrom(this.#mapping.table);
  }
  #filtered(query: Filterable): Filterable {
    const { dialect } = this.#workspace.connection;
    return this.#conditions.reduce((filtered, { column, operator, values }) => {
      const { name } = column;
      if (ORDERING.has(operator)) {
        const [left, right] = [kyselySql.id(name), kyselySql`${values[0]}`];
        return filtered.where(comparable(dialect, column, left), operator as '<', comparable(dialect, column, right));
      }
      if (operator === 'in or null')
        return filtered.where((eb) => eb.or([eb(name, 'in', values), eb(name, 'is', null)]));
      const operand = operator === 'in' ? values : operator === 'is' || operator === 'is not' ? null : values[0];
      return filtered.where(name, operator, operand);
    }, query);
  }
  #values(): unknown[] {
    return this.#conditions.flatMap(({ values }) => values);
  }
  /** Compiled once for each form that a query takes; the values are not part of it. */
  #text(purpose: string, compile: () => { compile(): { sql: string } }): string {
    const where = this.#conditions
      .map(({ column, operator, values }) => `${column.index} ${operator} ${values.length}`)
      .join(',');
    const order = this.#orders.map(({ column, direction }) => `${column.index} ${direction}`).join(',');
    return text(this.#workspace.connection, this.#mapping, `${purpose} where ${where} order ${order}`, compile);
  }
}
declare const unfinishedType: keyof Unfinished;

const PAGE = 256;
const ORDERING: ReadonlySet<unknown> = new Set<Operator>(['<', '<=', '>', '>=']);
const OPERATORS: ReadonlySet<unknown> = new Set<Operator>(['=', '!=', '<', '<=', '>', '>=', 'like', 'in']);

/** Any select of Kysely's, of whatever table. */
// biome-ignore lint/suspicious/noExplicitAny: the table is known to the mapping, not to the compiler
type Filterable = SelectQueryBuilder<any, any, any>;

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw valueError(name, value, 'a whole number from 0', 'range');
  return value;
}
