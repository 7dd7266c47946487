import type { Connection, RawRow } from '../../connection/connection.js';
import {
  type ForeignKey,
  isCollection,
  keyOf,
  readColumn,
  setValue,
  storedIn,
  valueIn,
  writeColumn,
} from '../mapping/mapping.js';
import { show } from '../relations/both-sides.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { followReferences } from './foreign-key.js';
import { type Shape, shapeOf } from './insert-shape.js';
import { inserter, mayShare } from './insert-statement.js';
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
  const putBack: (() => void)[] = [];
  try {
    let rows: object[] = [];
    let shape: Shape | undefined;
    for (const instance of instances) {
      const later = deferred.get(instance);
      for (const foreignKey of later ?? []) putBack.push(leaveEmpty(instance, foreignKey));
      followReferences(instance, later);
      const next = shapeOf(instance, shape);
      if (shape !== undefined && next !== shape) {
        insertRows(workspace, rows, shape, done);
        rows = [];
      }
      shape = next;
      rows.push(instance);
    }
    if (shape !== undefined) insertRows(workspace, rows, shape, done);
  } finally {
    for (const each of putBack) each();
  }
}

/** A foreign key is null for a moment, and follows in a second step; one that was given by its value is put back for that. */
function leaveEmpty(instance: object, foreignKey: ForeignKey): () => void {
  const columns = foreignKey.filter(({ definition }) => definition.isNullable);
  const values = columns.map((column) => valueIn(instance, column));
  for (const column of columns) setValue(instance, column, null);
  return () => {
    if (knownState(instance).references?.has(foreignKey)) return;
    for (const [i, column] of columns.entries()) setValue(instance, column, values[i]);
  };
}

function insertRows(
  workspace: Workspace,
  instances: readonly object[],
  shape: Shape,
  done: (instance: object) => void,
): void {
  const { mapping, generated, respelled } = shape;
  const insert = inserter(workspace.connection, shape);
  const most = mostOf(workspace.connection, shape, instances.length);
  let at = 0;
  while (at < instances.length) {
    const left = instances.length - at;
    const count = left < MANY ? 1 : left < most ? MANY : most;
    const rows: RawRow[] = [];
    for (let i = 0; i < count; i++) rows.push(rowOf(instances[at + i] as object, shape));
    insert(rows);
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

/** How many of some rows a statement takes. */
function mostOf(connection: Connection, shape: Shape, rows: number): number {
  const values = shape.given.length;
  if (values === 0 || rows < MANY || !mayShare(connection, shape)) return 1;
  return Math.min(MOST, Math.floor(MAX_PARAMETERS / values));
}

/** An instance's columns as they are to be stored; what the database fills in is undefined. */
function rowOf(instance: object, { mapping, given }: Shape): RawRow {
  const row: RawRow = new Array(mapping.columns.length).fill(undefined);
  for (const column of given) row[column.index] = writeColumn(column, valueIn(instance, column));
  return row;
}

/** Parents that were named by their key alone have it in their relations from now on, where these are loaded. */
export function showToParents({ identities }: Workspace, child: object): void {
  for (const down of knownState(child).mapping.incoming) {
    const key = storedIn(child, down.foreignKey);
    const parent = key && identities.get(down.owner, key);
    const related = parent && knownState(parent).related;
    if (parent === undefined || !related?.has(down.name)) continue;
    if (isCollection(down)) show(parent, down, child, true);
    // Which of several it is, where the table lets there be several, is the query's to say, when it is asked for.
    else if (related.get(down.name) !== child) related.delete(down.name);
  }
}
