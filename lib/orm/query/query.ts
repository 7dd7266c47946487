import type { RawRow } from '../../connection/connection.js';
import { NoResultError, UnfinishedQueryError, valueError } from '../../errors.js';
import type { AnyMapped, ColumnKey, Loaded, Unfinished } from '../../plan/detached.js';
import { isMute } from '../../plan/plain-object.js';
import { stays } from '../../wire/portable.js';
import type { Mapping, Order } from '../mapping/mapping.js';
import { columnNamed } from '../mapping/named.js';
import type { Direction } from '../mapping/relation.js';
import { type Path, pathFrom } from '../relations/load-ahead.js';
import { type Changed, deleteAll, updateAll } from './bulk.js';
import { type Builder, type Condition, type Operator, tablesBehind } from './condition.js';
import { iterate } from './iteration.js';
import type { QueryHost } from './query-host.js';
import type { Along, ColumnPath, RelationPath, ValueAt } from './relation-path.js';
import { resultOf } from './result.js';
import { count, exists, type Selection, select, tablesIn } from './selection.js';
import { conditionAt, conditionsIn, type Operand, type Said, type Where } from './where.js';

/**
 * A query for entities, made by `session.query(User)`. Each step changes it, and answers with the same query. Nothing is
 * sent before one of its ends: all, first, one, count, exists, iterate, update, delete.
 */
export class Query<T extends AnyMapped, N extends string = string> implements Iterable<T>, Unfinished {
  declare readonly [unfinishedType]: true;
  readonly #host: QueryHost;
  readonly #mapping: Mapping;
  readonly #conditions: Condition[] = [];
  readonly #order: Order[] = [];
  readonly #ahead: Path[] = [];
  #refused: Path[] | 'all' = [];
  #isLocked = false;
  #isDistinct = false;
  #limit: number | undefined;
  #offset: number | undefined;

  /** @internal */
  constructor(host: QueryHost, mapping: Mapping) {
    this.#host = host;
    this.#mapping = mapping;
  }
  /** @internal */
  [stays](path: string): Error {
    return new UnfinishedQueryError({ path });
  }

  /**
   * Only what fulfils all of these; each `where()` adds to them. Of a relation of many, one member has to fulfil what
   * one object says: `where({ name: 'Ada', age: [36, 37], addresses: { street: 'North' }, orders: null })`.
   *
   * Or in the words of Kysely's expression builder, with the names that table and columns have in SQL:
   * `where((eb) => eb.or([eb('age', '>', 30), eb('name', '=', 'Ada')]))`.
   */
  where(condition: Where<T> | Said<T, N>): this;
  /** One comparison, of a column here or behind relations: `where('age', '>', 30)`, `where('addresses.street', 'like', 'N%')`. */
  where<const P extends string, const O extends Operator>(
    column: ColumnPath<T, P>,
    operator: O,
    value: Operand<ValueAt<T, P>, O>,
  ): this;
  where(first: unknown, operator?: Operator, value?: unknown): this {
    if (typeof first === 'string')
      this.#conditions.push(conditionAt(this.#mapping, first, operator as Operator, value));
    else if (typeof first === 'function') this.#conditions.push({ kind: 'free', say: first as (eb: Builder) => never });
    else if (typeof first === 'object' && first !== null && !isMute(first))
      this.#conditions.push(...conditionsIn(this.#mapping, first));
    else throw valueError('where()', first, 'an object, a column with an operator and a value, or a function');
    return this;
  }

  orderBy(column: ColumnKey<T>, direction: Direction = 'asc'): this {
    if (typeof column !== 'string')
      throw valueError('orderBy()', column, "a column's name and 'asc' or 'desc', once for each column");
    if (direction !== 'asc' && direction !== 'desc')
      throw valueError('The direction of orderBy()', direction, "'asc' or 'desc'");
    this.#order.push({ column: columnNamed('orderBy()', this.#mapping, column), direction });
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
  /** Equal rows once. Only a view has some: conditions through relations double nothing. */
  distinct(): this {
    this.#isDistinct = true;
    return this;
  }

  /** Loads relations ahead, so that they are surely there when the entities leave the unit. */
  with<const P extends RelationPath<T>>(...paths: P[]): Query<T & Loaded<Along<P>>, N> {
    for (const path of paths) this.#ahead.push(pathFrom('with()', this.#mapping, path));
    return this as never;
  }
  /**
   * Makes it an error to load these relations of what the query answers by a touch; without names all that `with` does
   * not load, also of what it loads.
   */
  refuseLazy(...paths: RelationPath<T>[]): this {
    if (paths.length === 0) this.#refused = 'all';
    else if (this.#refused !== 'all')
      this.#refused.push(...paths.map((path) => pathFrom('refuseLazy()', this.#mapping, path)));
    return this;
  }
  /**
   * Locks the rows until the transaction ends, and answers them as they are then. SQLite has no locks of rows: there the
   * session takes the one lock for writing, if it does not hold it yet. Refused in a session that only reads.
   */
  forUpdate(): this {
    this.#isLocked = true;
    return this;
  }

  all(): T[] {
    return this.#answer(this.#selection());
  }
  /** The first in the query's order, or undefined. */
  first(): T | undefined {
    return this.#answer(this.#atMost(1))[0];
  }
  /** The only one there is; an error where there are none or several. */
  one(): T {
    const found = this.#answer(this.#atMost(2));
    if (found.length !== 1)
      throw new NoResultError({ entity: this.#mapping.name, found: found.length === 0 ? 'none' : 'more than one' });
    return found[0] as T;
  }
  /** How many there are, whatever limit and offset say. */
  count(): number {
    const selection = this.#selection();
    this.#host.beforeQuery(tablesIn(selection));
    return count(this.#host.workspace.connection, selection);
  }
  /** Whether there is any, whatever limit and offset say. */
  exists(): boolean {
    const selection = this.#selection();
    this.#host.beforeQuery(tablesIn(selection));
    return exists(this.#host.workspace.connection, selection);
  }

  /**
   * One after the other, in constant memory: 256 are in the session at a time. When more are asked for, what has changed
   * is flushed, and those before are let go, with what was loaded through their relations: they are detached, and frozen,
   * so that a late change is an error. What the session knew already, or got by another way, stays.
   *
   * A session that only reads takes the rows from the database's own cursor. One that writes goes on behind the last key
   * and sees neither what was added meanwhile; where an order is given it takes all keys first.
   */
  iterate(): IterableIterator<T> {
    return this.#iterate() as IterableIterator<T>;
  }
  *#iterate(): IterableIterator<object> {
    const selection = this.#selection();
    this.#before(selection);
    yield* iterate(this.#host, selection, (rows) => this.#load(rows));
  }
  [Symbol.iterator](): IterableIterator<T> {
    return this.iterate();
  }

  /**
   * Updates every row with one statement, and tells how many there were. What the session has to write is written
   * before; entities that it knows are as their rows afterwards. Values may be expressions: ``{ stock: sql<number>`stock - 1` }``.
   */
  update(columns: Changed<T>): number {
    return updateAll(this.#host, this.#selection(), columns);
  }
  /**
   * Deletes every row with one statement, and tells how many there were. It does not look at relations: what becomes of
   * their rows is up to the database's foreign keys.
   */
  delete(): number {
    return deleteAll(this.#host, this.#selection());
  }

  #selection(): Selection {
    return {
      mapping: this.#mapping,
      conditions: this.#conditions,
      order: this.#order,
      limit: this.#limit,
      offset: this.#offset,
      isDistinct: this.#isDistinct,
      isLocked: this.#isLocked,
    };
  }
  #atMost(rows: number): Selection {
    return { ...this.#selection(), limit: Math.min(rows, this.#limit ?? rows) };
  }

  #before(selection: Selection): void {
    const tables = tablesIn(selection);
    const ahead = this.#ahead.flatMap((path) => path.flatMap(tablesBehind));
    if (this.#isLocked) this.#host.beforeWrite(`a lock of ${this.#mapping.name}`);
    this.#host.beforeQuery(tables && [...tables, ...ahead]);
  }
  #answer(selection: Selection): T[] {
    this.#before(selection);
    return this.#load(select(this.#host.workspace.connection, selection, this.#mapping.columns).all()) as T[];
  }
  #load(rows: readonly RawRow[]): object[] {
    const wishes = { ahead: this.#ahead, refused: this.#refused, isLocked: this.#isLocked };
    return resultOf(this.#host.workspace, this.#mapping, rows, wishes);
  }
}
declare const unfinishedType: keyof Unfinished;

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw valueError(name, value, 'a whole number from 0', 'range');
  return value;
}
