import type { Connection, RawRow } from '../../connection/connection.js';
import { EntityStateError } from '../../errors.js';
import { identity } from '../identity-map.js';
import {
  type ForeignKey,
  keyOf,
  type MappedColumn,
  type Mapping,
  readColumn,
  setValue,
  storedIn,
  valueIn,
  writeColumn,
} from '../mapping/mapping.js';
import { text } from '../query/select.js';
import { show } from '../relations/both-sides.js';
import { prepare } from '../schema/missing-table.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { followReferences } from './foreign-key.js';
import { type Shape, shapeOf } from './insert-shape.js';
import { showBetween } from './pairs.js';

/** From this many on, rows of one shape share a statement; few sizes, so that few statements serve them all. */
const MANY = 8;
const MOST = 64;
const MAX_PARAMETERS = 30_000;

/** Inserts instances of one entity that do not need each other; those of one shape with as few statements as it takes. */
export function insertAll(
  workspace: Workspace,
  instances: readonly object[],
  deferred: ReadonlyMap<object, readonly ForeignKey[]>,
  done: (instance: object) => void,
): void {
  let rows: object[] = [];
  let shape: Shape | undefined;
  for (const instance of instances) {
    const empty = deferred.get(instance);
    for (const column of empty?.flat() ?? []) if (column.definition.isNullable) setValue(instance, column, null);
    followReferences(instance, empty);
    const next = shapeOf(instance, shape);
    if (shape !== undefined && next !== shape) {
      insertRows(workspace, rows, shape, done);
      rows = [];
    }
    shape = next;
    rows.push(instance);
  }
  if (shape !== undefined) insertRows(workspace, rows, shape, done);
}

function insertRows(
  workspace: Workspace,
  instances: readonly object[],
  shape: Shape,
  done: (instance: object) => void,
): void {
  const { mapping, given, generated, respelled } = shape;
  const isNumbered = makesKeys(workspace.connection, shape);
  const most = Math.min(MOST, Math.floor(MAX_PARAMETERS / Math.max(1, given.length)));
  let at = 0;
  while (at < instances.length) {
    const left = instances.length - at;
    const count = given.length === 0 || left < MANY ? 1 : left < most ? MANY : most;
    const rows: RawRow[] = [];
    for (let i = 0; i < count; i++) rows.push(rowOf(instances[at + i] as object, shape));
    execute(workspace.connection, shape, rows, isNumbered);
    for (let i = 0; i < count; i++) {
      const instance = instances[at + i] as object;
      const row = rows[i] as RawRow;
      for (const column of generated) setValue(instance, column, readColumn(column, row[column.index]));
      for (const column of respelled) setValue(instance, column, readColumn(column, row[column.index]));
      const state = knownState(instance);
      state.row = row;
      state.status = 'persistent';
      state.generated = shape.filled;
      workspace.identities.set(mapping, keyOf(mapping, row), instance);
      showToParents(workspace, instance);
      if (mapping.between.size > 0) showBetween(workspace, mapping, row, true);
      done(instance);
    }
    at += count;
  }
}

/** An instance's columns as they are to be stored; what the database fills in is undefined. */
function rowOf(instance: object, { mapping, given }: Shape): RawRow {
  const row: RawRow = new Array(mapping.columns.length).fill(undefined);
  for (const column of given) row[column.index] = writeColumn(column, valueIn(instance, column));
  return row;
}

/** Inserts rows of one shape with one statement, and completes them with what the database filled in. */
function execute(
  connection: Connection,
  { mapping, given, generated }: Shape,
  rows: readonly RawRow[],
  isNumbered: boolean,
): void {
  const parameters: unknown[] = [];
  for (const row of rows) for (const { index } of given) parameters.push(row[index]);
  // What is matched with its row by the key has to bring that along.
  const isMatched = rows.length > 1 && generated.length > 0 && mapping.key.every((column) => given.includes(column));
  const returned = isNumbered ? [] : isMatched ? [...generated, ...mapping.key] : generated;

  const sql = insertText(connection, mapping, given, returned, rows.length);
  const statement = prepare(connection, mapping, sql);
  if (returned.length === 0) {
    const { changes, insertId } = statement.run(parameters);
    expectAll(mapping, rows.length, changes);
    if (isNumbered) number(rows, generated[0] as MappedColumn, insertId);
    return;
  }
  const answered = statement.all(parameters);
  expectAll(mapping, rows.length, answered.length);
  const inOrder = isMatched ? byKey(mapping, rows, answered, generated.length) : byNumber(mapping, generated, answered);
  rows.forEach((row, i) => {
    for (const [j, { index }] of generated.entries()) row[index] = inOrder[i]?.[j];
  });
}

/** Whether the one thing that the database fills in is a key that can be counted. */
function makesKeys(connection: Connection, { mapping, generated }: Shape): boolean {
  const [key] = generated;
  if (generated.length !== 1 || key !== mapping.key[0] || key?.definition.type.name !== 'integer') return false;
  return connection.makesConsecutiveKeys(mapping.table, key.name);
}

/** RETURNING costs as much as the insert itself: keys that follow one another are counted back from the last. */
function number(rows: readonly RawRow[], { index }: MappedColumn, last: number | bigint | undefined): void {
  // One that is no safe integer is refused by its column.
  let next = Number(last) - rows.length + 1;
  for (const row of rows) row[index] = next++;
}

/** The order of what is returned is not promised; keys that the database makes grow with the order of the rows. */
function byNumber(mapping: Mapping, generated: readonly MappedColumn[], answered: RawRow[]): RawRow[] {
  const at = generated.indexOf(mapping.key[0] as MappedColumn);
  return answered.sort((a, b) => ((a[at] as number) < (b[at] as number) ? -1 : 1));
}

function byKey(mapping: Mapping, rows: readonly RawRow[], answered: readonly RawRow[], keyAt: number): RawRow[] {
  const found = new Map(answered.map((row) => [identity(row.slice(keyAt)), row]));
  return rows.map((row) => found.get(identity(keyOf(mapping, row))) as RawRow);
}

function expectAll({ name: entity }: Mapping, sent: number, inserted: number): void {
  if (inserted === sent) return;
  throw new EntityStateError({
    entity,
    problem: `lost ${sent - inserted} of ${sent} rows that were inserted`,
    wayOut: 'Look for a trigger or a rule of the table that drops them.',
  });
}

function insertText(
  connection: Connection,
  mapping: Mapping,
  given: readonly MappedColumn[],
  returned: readonly MappedColumn[],
  rows: number,
): string {
  const indexes = (columns: readonly MappedColumn[]) => columns.map(({ index }) => index).join();
  return text(connection, mapping, `insert ${indexes(given)} ${indexes(returned)} ${rows}`, () => {
    const into = connection.builder.insertInto(mapping.table);
    const row = Object.fromEntries(given.map(({ name }) => [name, 0]));
    const filled = given.length === 0 ? into.defaultValues() : into.values(new Array(rows).fill(row));
    return returned.length === 0 ? filled : filled.returning(returned.map(({ name }) => name));
  });
}

/** Parents that were named by their key alone have it in their collections from now on, where these are loaded. */
export function showToParents({ identities }: Workspace, child: object): void {
  for (const down of knownState(child).mapping.incoming) {
    const key = storedIn(child, down.foreignKey);
    const parent = key && identities.get(down.owner, key);
    if (parent !== undefined && knownState(parent).related?.has(down.name)) show(parent, down, child, true);
  }
}
