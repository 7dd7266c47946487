import type { RawRow } from '../connection/connection.js';
import { EntityStateError } from '../errors.js';
import { show } from './both-sides.js';
import { followReferences } from './foreign-key.js';
import { identity } from './identity-map.js';
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
} from './mapping.js';
import { prepare } from './missing-table.js';
import { text } from './select.js';
import { knownState } from './state.js';
import type { Workspace } from './workspace.js';

/** From this many on, rows of one shape share a statement. */
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

/** Which columns an insert says, and which the database fills in. */
interface Shape {
  readonly mapping: Mapping;
  readonly given: readonly MappedColumn[];
  readonly generated: readonly MappedColumn[];
}

function shapeOf(instance: object, last: Shape | undefined): Shape {
  const { mapping } = knownState(instance);
  for (const column of mapping.columns) {
    const { isVersion, onUpdate } = column.definition;
    if (valueIn(instance, column) !== undefined) continue;
    if (isVersion) setValue(instance, column, 1);
    else if (onUpdate !== undefined && column.definition.default === undefined) setValue(instance, column, onUpdate());
  }
  const isGiven = (column: MappedColumn) =>
    column.definition.generated === undefined &&
    (valueIn(instance, column) !== undefined || !mayBeGenerated(mapping, column));
  if (last?.mapping === mapping && last.given.every(isGiven) && !last.generated.some(isGiven)) return last;
  return {
    mapping,
    given: mapping.columns.filter(isGiven),
    generated: mapping.columns.filter((column) => !isGiven(column)),
  };
}

/** A single integer key that was left out, and what has a default of the database's own. */
function mayBeGenerated({ key }: Mapping, { definition }: MappedColumn): boolean {
  if (isRaw(definition.default?.value)) return true;
  const { name } = definition.type;
  return definition.isPrimaryKey && key.length === 1 && (name === 'integer' || name === 'bigint');
}
const isRaw = (value: unknown): boolean => typeof value === 'object' && value !== null && 'isRawBuilder' in value;

function insertRows(
  workspace: Workspace,
  instances: readonly object[],
  shape: Shape,
  done: (instance: object) => void,
): void {
  const { given } = shape;
  const most = Math.min(MOST, Math.floor(MAX_PARAMETERS / Math.max(1, given.length)));
  let at = 0;
  while (at < instances.length) {
    const left = instances.length - at;
    const count = given.length === 0 || left < MANY ? 1 : left < most ? MANY : most;
    const rows = instances.slice(at, at + count);
    const values = rows.map((instance) => given.map((column) => writeColumn(column, valueIn(instance, column))));
    const answered = execute(workspace, shape, values);
    for (const [i, instance] of rows.entries()) {
      store(workspace, instance, shape, values[i] as unknown[], answered?.[i] ?? []);
      done(instance);
    }
    at += count;
  }
}

/** Inserts rows of one shape with one statement, and answers with what the database filled in, in the order of the rows. */
function execute(
  { connection }: Workspace,
  { mapping, given, generated }: Shape,
  values: readonly (readonly unknown[])[],
): RawRow[] | undefined {
  const isAlone = values.length === 1;
  const isKeyGiven = mapping.key.every((column) => given.includes(column));
  const returned = generated.length === 0 || isAlone || !isKeyGiven ? generated : [...generated, ...mapping.key];
  const purpose = `insert ${given.map(({ index }) => index).join()} ${values.length}`;
  const sql = text(connection, mapping, purpose, () => {
    const into = connection.builder.insertInto(mapping.table);
    const row = Object.fromEntries(given.map(({ name }) => [name, 0]));
    const filled = given.length === 0 ? into.defaultValues() : into.values(values.map(() => row));
    return returned.length === 0 ? filled : filled.returning(returned.map(({ name }) => name));
  });
  const statement = prepare(connection, mapping, sql);
  const rows = statement.all(values.flat());
  if (returned.length === 0 || isAlone) return rows;
  if (rows.length !== values.length)
    throw new EntityStateError({
      entity: mapping.name,
      problem: `lost ${values.length - rows.length} of ${values.length} rows that were inserted`,
      wayOut: 'Look for a trigger or a rule of the table that drops them.',
    });
  return isKeyGiven ? byKey(mapping, given, values, rows, generated.length) : inOrderOfKeys(mapping, generated, rows);
}

/** Keys that the database makes grow with the order of the rows; the order of what it returns is not promised. */
function inOrderOfKeys({ key: [key] }: Mapping, generated: readonly MappedColumn[], rows: RawRow[]): RawRow[] {
  const at = generated.indexOf(key as MappedColumn);
  return rows.sort((a, b) => ((a[at] as number) < (b[at] as number) ? -1 : 1));
}

function byKey(
  { key }: Mapping,
  given: readonly MappedColumn[],
  values: readonly (readonly unknown[])[],
  rows: readonly RawRow[],
  keyAt: number,
): RawRow[] {
  const found = new Map(rows.map((row) => [identity(row.slice(keyAt)), row]));
  const places = key.map((column) => given.indexOf(column));
  return values.map((row) => found.get(identity(places.map((place) => row[place]))) as RawRow);
}

function store(
  workspace: Workspace,
  instance: object,
  { mapping, given, generated }: Shape,
  values: readonly unknown[],
  answered: RawRow,
): void {
  const row: RawRow = new Array(mapping.columns.length);
  given.forEach((column, i) => {
    row[column.index] = values[i];
  });
  generated.forEach((column, i) => {
    row[column.index] = answered[i];
    setValue(instance, column, readColumn(column, answered[i]));
  });
  const state = knownState(instance);
  state.row = row;
  state.status = 'persistent';
  state.generated = [...generated, ...(mapping.version === undefined ? [] : [mapping.version])].map(
    ({ property }) => property,
  );
  workspace.identities.set(mapping, keyOf(mapping, row), instance);
  showToParents(workspace, instance);
}

/** Parents that were named by their key alone have it in their collections from now on, where these are loaded. */
export function showToParents({ identities }: Workspace, child: object): void {
  for (const down of knownState(child).mapping.incoming) {
    const key = storedIn(child, down.foreignKey);
    const parent = key && identities.get(down.owner, key);
    if (parent !== undefined && knownState(parent).related?.has(down.name)) show(parent, down, child, true);
  }
}
