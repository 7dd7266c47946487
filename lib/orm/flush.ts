import type { Connection, RawRow } from '../connection/connection.js';
import { EntityStateError, StaleEntityError } from '../errors.js';
import { keyPart } from './identity-map.js';
import { isSame, type MappedColumn, type Mapping, mappingOfInstance, readColumn, writeColumn } from './mapping.js';
import { dependencyOrder } from './order.js';
import { text } from './select.js';
import { type InstanceState, stateOf } from './state.js';
import { keyOf, type Workspace } from './workspace.js';

/** What one flush has to write. */
export interface Work {
  readonly inserts: readonly object[];
  readonly updates: readonly object[];
  readonly deletes: readonly object[];
  /** Foreign keys that follow from relations: an instance, its column, and whose key it takes (null: nobody's). */
  readonly links: ReadonlyMap<object, readonly Link[]>;
}
export interface Link {
  readonly column: MappedColumn;
  readonly parent: object | null;
}

/** Writes in dependency order: inserts, updates, deletes. Tells of each instance when its statement has run. */
export function write(workspace: Workspace, work: Work, done: (instance: object) => void): void {
  const linked = (instance: object) => (work.links.get(instance) ?? []).flatMap(({ parent }) => parent ?? []);
  const pointed = pointers(work.inserts, property);
  for (const instance of ordered(work.inserts, (each) => [...linked(each), ...pointed.parents(each)])) {
    insert(workspace, instance, work.links.get(instance));
    done(instance);
  }
  for (const instance of work.updates) update(workspace.connection, instance, work.links.get(instance));
  const stored = pointers(work.deletes, (instance, { index }) => rowOf(instance)[index]);
  for (const instance of ordered(work.deletes, stored.children)) {
    remove(workspace, instance);
    done(instance);
  }
}

function ordered(instances: readonly object[], dependencies: (instance: object) => Iterable<object>): object[] {
  const result = dependencyOrder(instances, dependencies);
  if ('order' in result) return result.order;
  const names = [...result.circle, result.circle[0] as object].map((instance) => mappingOfInstance(instance).name);
  throw new EntityStateError({
    entity: names[0] as string,
    problem: `needs itself first: ${names.join(' -> ')}`,
    wayOut: 'Flush one of them with a null foreign key, then set it.',
  });
}

/** Which of some instances point to which, by the values of their foreign keys. */
function pointers(instances: readonly object[], valueIn: (instance: object, column: MappedColumn) => unknown) {
  const mappings = new Set(instances.map(mappingOfInstance));
  const relations = [...mappings].flatMap((mapping) => mapping.relationNames.map((name) => mapping.relation(name)));
  // A relation says it from either side: the child's belongsTo, or the parent's hasMany.
  const edges = relations.map(({ kind, owner, target, foreignKey }) =>
    kind === 'belongsTo' ? { child: owner, parent: target, foreignKey } : { child: target, parent: owner, foreignKey },
  );
  const byKey = new Map<string, object>();
  const address = (mapping: Mapping, value: unknown) => {
    const key = keyPart(value);
    return `${mapping.table} ${typeof key} ${String(key)}`;
  };
  for (const instance of instances) {
    const mapping = mappingOfInstance(instance);
    const [key] = mapping.key;
    if (mapping.key.length === 1 && key !== undefined) byKey.set(address(mapping, valueIn(instance, key)), instance);
  }
  const parents = (instance: object): object[] =>
    edges.flatMap(({ child, parent, foreignKey }) => {
      const found = mappingOfInstance(instance) === child && byKey.get(address(parent, valueIn(instance, foreignKey)));
      return found && found !== instance ? [found] : [];
    });
  const children = new Map<object, object[]>(instances.map((instance) => [instance, []]));
  for (const instance of instances) for (const parent of parents(instance)) children.get(parent)?.push(instance);
  return { parents, children: (instance: object): object[] => children.get(instance) ?? [] };
}
const rowOf = (instance: object): RawRow => (stateOf(instance) as InstanceState).row as RawRow;
const property = (instance: object, column: MappedColumn): unknown =>
  (instance as Record<string, unknown>)[column.property];
const setProperty = (instance: object, column: MappedColumn, value: unknown) => {
  (instance as Record<string, unknown>)[column.property] = value;
};

function follow(instance: object, links: readonly Link[] | undefined): void {
  for (const { column, parent } of links ?? []) {
    const [key] = parent === null ? [] : mappingOfInstance(parent).key;
    setProperty(instance, column, parent === null || key === undefined ? null : property(parent, key));
  }
}

function insert(workspace: Workspace, instance: object, links: readonly Link[] | undefined): void {
  follow(instance, links);
  const { connection } = workspace;
  const mapping = mappingOfInstance(instance);
  const given = mapping.columns.filter(
    (column) => property(instance, column) !== undefined || !mayBeGenerated(mapping, column),
  );
  const generated = mapping.columns.filter((column) => !given.includes(column));
  const values = given.map((column) => writeColumn(column, property(instance, column)));
  const sql = text(connection, mapping, `insert ${given.map(({ index }) => index).join()}`, () => {
    const into = connection.builder.insertInto(mapping.table);
    const filled =
      given.length === 0 ? into.defaultValues() : into.values(Object.fromEntries(given.map(({ name }) => [name, 0])));
    return generated.length === 0 ? filled : filled.returning(generated.map(({ name }) => name));
  });

  const [answered] = connection.prepare(sql).all(values);
  const row: RawRow = new Array(mapping.columns.length);
  given.forEach(({ index }, i) => (row[index] = values[i]));
  generated.forEach((column, i) => {
    row[column.index] = answered?.[i];
    setProperty(instance, column, readColumn(column, answered?.[i]));
  });
  const state = stateOf(instance) as InstanceState;
  state.row = row;
  state.status = 'persistent';
  state.generated = generated.map((column) => column.property);
  workspace.identities.set(mapping, keyOf(mapping, row), instance);
}

/** A single integer key that was left out. */
const mayBeGenerated = (mapping: Mapping, column: MappedColumn) =>
  column.definition.isPrimaryKey &&
  mapping.key.length === 1 &&
  (column.definition.type.name === 'integer' || column.definition.type.name === 'bigint');

/** The columns whose value is not what is stored, with what they would be stored as. */
export function changes(mapping: Mapping, instance: object): readonly Change[] {
  const row = rowOf(instance);
  let changed: Change[] | undefined;
  for (const column of mapping.columns) {
    const current = property(instance, column);
    const stored = row[column.index];
    // Every flush looks at every instance: most values are the stored ones themselves.
    if (current === stored) continue;
    const value = writeColumn(column, current);
    if (isSame(column, value, stored)) continue;
    changed ??= [];
    changed.push({ column, value });
  }
  return changed ?? NOTHING;
}
export interface Change {
  readonly column: MappedColumn;
  readonly value: unknown;
}
const NOTHING: readonly Change[] = [];

function update(connection: Connection, instance: object, links: readonly Link[] | undefined): void {
  follow(instance, links);
  const mapping = mappingOfInstance(instance);
  const changed = changes(mapping, instance);
  if (changed.length === 0) return;
  const key = changed.find(({ column }) => column.definition.isPrimaryKey);
  if (key !== undefined) {
    throw new EntityStateError({
      entity: key.column.place,
      problem: 'is a key and cannot be changed',
      wayOut: 'Add a new entity and remove this one.',
    });
  }
  const sql = text(connection, mapping, `update ${changed.map(({ column }) => column.index).join()}`, () =>
    mapping.key.reduce(
      (query, { name }) => query.where(name, '=', 0),
      connection.builder
        .updateTable(mapping.table)
        .set(Object.fromEntries(changed.map(({ column }) => [column.name, 0]))),
    ),
  );
  const row = rowOf(instance);
  expectOne(
    connection.prepare(sql).run([...changed.map(({ value }) => value), ...keyOf(mapping, row)]).changes,
    mapping,
    row,
  );
  const written = [...row];
  for (const { column, value } of changed) written[column.index] = value;
  const state = stateOf(instance) as InstanceState;
  state.row = written;
}

function remove(workspace: Workspace, instance: object): void {
  const { connection, identities } = workspace;
  const mapping = mappingOfInstance(instance);
  const row = rowOf(instance);
  const key = keyOf(mapping, row);
  const sql = text(connection, mapping, 'delete', () =>
    mapping.key.reduce((query, { name }) => query.where(name, '=', 0), connection.builder.deleteFrom(mapping.table)),
  );
  expectOne(connection.prepare(sql).run(key).changes, mapping, row);
  identities.delete(mapping, key);
  const state = stateOf(instance) as InstanceState;
  state.status = 'detached';
}

function expectOne(count: number, mapping: Mapping, row: RawRow): void {
  if (count === 0)
    throw new StaleEntityError({ entity: mapping.name, key: keyOf(mapping, row).map(String).join(', ') });
}
