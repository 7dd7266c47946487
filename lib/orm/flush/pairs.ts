import type { Connection, RawRow } from '../../connection/connection.js';
import { kyselySql } from '../../plan/kysely.js';
import { builderOf } from '../builder.js';
import {
  keyOf,
  type MappedColumn,
  type MappedRelation,
  type Mapping,
  relationsOf,
  storedIn,
  type Through,
} from '../mapping/mapping.js';
import { bound } from '../query/comparable.js';
import { isOneOf, padded, selectIn, text, WINDOW } from '../query/select.js';
import { refer } from '../relations/both-sides.js';
import { Collection } from '../relations/collection.js';
import { forgetRelation } from '../relations/loaded-relation.js';
import { prepare } from '../schema/missing-table.js';
import { byMapping, knownState } from '../state.js';
import type { Workspace } from '../workspace.js';

/** Pairs whose table is an entity itself become instances of that, and are written as such. */
export function linkEntities(workspace: Workspace, touched: ReadonlySet<object>, work: Linking): void {
  for (const owner of [...touched]) {
    const state = knownState(owner);
    for (const [relation, members] of state.pairs ?? []) {
      const entity = relation.through?.entity;
      if (entity === undefined) continue;
      for (const [member, change] of members) linkEntity(workspace, { relation, entity, owner, member }, change, work);
      state.pairs?.delete(relation);
    }
    if (state.pairs?.size === 0) state.pairs = undefined;
  }
}

/** Two instances, and what stands between them. */
interface Pair {
  readonly relation: MappedRelation;
  readonly entity: Mapping;
  readonly owner: object;
  readonly member: object;
}
/** How the instances between come into the session, and go. */
interface Linking {
  add(instance: object): void;
  remove(instance: object): void;
  /** Before the first statement. */
  begin(): void;
}

function linkEntity(workspace: Workspace, pair: Pair, change: 'link' | 'unlink', work: Linking): void {
  if (change === 'link') {
    if (!isGone(pair.owner) && !isGone(pair.member)) work.add(between(pair));
    return;
  }
  work.begin();
  for (const found of betweenIn(workspace, pair)) work.remove(found);
}

function between({ relation: { through }, entity, owner, member }: Pair): object {
  const instance = new (entity.entity as unknown as new (init: object) => object)({});
  const { ownerColumns, targetColumns } = through as Through;
  refer(instance, columnsOf(entity, ownerColumns), { parent: owner, isOrphan: false });
  refer(instance, columnsOf(entity, targetColumns), { parent: member, isOrphan: false });
  return instance;
}
const columnsOf = (entity: Mapping, names: readonly string[]) =>
  entity.foreignKey(names.map((name) => entity.columns.find((column) => column.name === name)?.property ?? name));

function betweenIn(workspace: Workspace, { relation: { through }, entity, owner, member }: Pair): object[] {
  const { ownerColumns, targetColumns } = through as Through;
  const columns = [...columnsOf(entity, ownerColumns), ...columnsOf(entity, targetColumns)];
  return workspace.hydrate(entity, selectIn(workspace.connection, entity, columns, [[...key(owner), ...key(member)]]));
}

/** A row of an entity between two others came, or went: relations through it that are loaded say so. */
export function showBetween(
  { identities, collections }: Workspace,
  mapping: Mapping,
  row: RawRow,
  isThere: boolean,
): void {
  for (const { name, owner, target, through } of mapping.between) {
    const { ownerColumns, targetColumns } = through as Through;
    const keyIn = (names: readonly string[]) => columnsOf(mapping, names).map(({ index }) => row[index]);
    const parent = identities.get(owner, keyIn(ownerColumns));
    const shown = parent && knownState(parent).related?.get(name);
    if (parent === undefined || !(shown instanceof Collection)) continue;
    const member = identities.get(target, keyIn(targetColumns));
    if (member !== undefined) shown.follow(member, isThere);
    // It would be loaded for this alone: so all of them are, when they are asked for.
    else if (isThere) forgetRelation(collections, parent, name);
  }
}

/** Deletes and inserts rows of tables that are nothing but pairs. */
export function writePairs(connection: Connection, paired: readonly object[], wanted: 'link' | 'unlink'): void {
  for (const owner of paired) {
    const state = knownState(owner);
    for (const [relation, members] of state.pairs ?? []) {
      const { through } = relation;
      const { table, ownerColumns, targetColumns } = through as Through;
      const columns = [...ownerColumns, ...targetColumns];
      for (const [member, change] of members) {
        if (change !== wanted) continue;
        if (change === 'link' && (isGone(owner) || isGone(member))) {
          members.delete(member);
          continue;
        }
        const sql = text(connection, state.mapping, `${change} ${table} ${columns.join()}`, () =>
          change === 'link'
            ? insertPair(connection, table, columns)
            : deletePair(connection, through as Through, relation),
        );
        prepare(connection, state.mapping, sql).run([...key(owner), ...key(member)]);
        members.delete(member);
      }
    }
  }
}

/** With its columns said by themselves: an object would have names that are numbers before the others. */
const insertPair = (connection: Connection, table: string, columns: readonly string[]) =>
  builderOf(connection)
    .insertInto(table)
    .columns([...columns])
    .expression(kyselySql`values (${kyselySql.join(columns.map(() => 0))})`);

function deletePair(
  connection: Connection,
  { table, ownerColumns, targetColumns }: Through,
  { owner, target }: MappedRelation,
) {
  const like = [...owner.key, ...target.key];
  return [...ownerColumns, ...targetColumns].reduce(
    (query, column, i) => query.where(column, '=', bound(connection.dialect, like[i] as MappedColumn, 0)),
    builderOf(connection).deleteFrom(table),
  );
}

function isGone(instance: object): boolean {
  const { status } = knownState(instance);
  return status === 'removed' || status === 'detached';
}

/** Removed instances are in no pair any more. */
export function deletePairsOf(connection: Connection, deletes: readonly object[]): void {
  for (const [mapping, owners] of byMapping(deletes))
    for (const { through } of relationsOf(mapping)) {
      if (through === undefined || through.entity !== undefined) continue;
      for (let start = 0; start < owners.length; start += WINDOW)
        deletePairs(connection, mapping, through, owners.slice(start, start + WINDOW).map(key));
    }
}

function deletePairs(connection: Connection, mapping: Mapping, { table, ownerColumns }: Through, owners: unknown[][]) {
  const keys = padded(owners);
  const sql = text(connection, mapping, `unlink all ${table} ${ownerColumns.join()} ${keys.length}`, () =>
    builderOf(connection)
      .deleteFrom(table)
      .where(isOneOf(connection.dialect, ownerColumns, mapping.key, keys)),
  );
  connection.prepare(sql).run(keys.flat());
}

/** An instance's key as it is stored. */
function key(instance: object): unknown[] {
  const { mapping, row } = knownState(instance);
  return row === undefined ? (storedIn(instance, mapping.key) ?? []) : keyOf(mapping, row);
}
