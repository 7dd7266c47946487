import type { Link } from './flush.js';
import { type MappedColumn, type MappedRelation, mappingOfInstance } from './mapping.js';
import { type Related, stateOf } from './state.js';

/** The relations of an instance that are not as they were loaded. */
export function movedRelations(instance: object): readonly string[] {
  const related = stateOf(instance)?.related;
  if (related === undefined) return NONE;
  let moved: string[] | undefined;
  for (const [name, { value, loaded, isAssigned }] of related) {
    const isAsLoaded = isAssigned
      ? pointsTo(instance, name, value)
      : loaded === undefined || isSameList(value as object[], loaded);
    if (isAsLoaded) continue;
    moved ??= [];
    moved.push(name);
  }
  return moved ?? NONE;
}
const NONE: readonly string[] = [];
const isSameList = (list: readonly object[], other: readonly object[]): boolean =>
  list.length === other.length && list.every((member, i) => member === other[i]);

/** Whether an owner is the one that the foreign key names. */
function pointsTo(instance: object, name: string, owner: unknown): boolean {
  const { kind, foreignKey, target } = mappingOfInstance(instance).relation(name);
  if (kind !== 'belongsTo') return false;
  const key = owner === null ? null : valueIn(owner as object, target.key[0] as MappedColumn);
  return key !== undefined && stateOf(owner ?? instance)?.row !== undefined && valueIn(instance, foreignKey) === key;
}

/** After a flush: what was assigned is what is stored, and what was deleted is in no collection any more. */
export function settleRelations(instance: object, hasDeleted: boolean): void {
  const related = stateOf(instance)?.related;
  for (const [name, { value, loaded, isAssigned }] of related ?? []) {
    if (Array.isArray(value)) {
      if (hasDeleted) dropDeleted(value);
      if (loaded === undefined || !isSameList(value, loaded))
        related?.set(name, { value, loaded: [...value], isAssigned: false });
    } else if (!pointsTo(instance, name, value)) {
      // The key was set by itself, or by the other side: whose it is now is loaded when it is asked for.
      related?.delete(name);
    } else if (isAssigned) {
      related?.set(name, { value, loaded, isAssigned: false });
    }
  }
}

function dropDeleted(members: object[]): void {
  for (let i = members.length - 1; i >= 0; i--) {
    if (stateOf(members[i] as object)?.status === 'detached') members.splice(i, 1);
  }
}

/** Foreign keys that follow from relations which were assigned or changed, collected over one flush. */
export class Links {
  readonly byChild = new Map<object, Link[]>();
  /** Takes an instance into the session that a relation has brought along. */
  readonly #include: (instance: object) => void;

  constructor(include: (instance: object) => void) {
    this.#include = include;
  }

  follow(instance: object): void {
    for (const name of movedRelations(instance)) {
      const relation = mappingOfInstance(instance).relation(name);
      const related = stateOf(instance)?.related?.get(name) as Related;
      if (relation.kind === 'belongsTo') this.#followOne(relation, instance, related.value as object | null);
      else this.#followMany(relation, instance, related);
    }
  }

  #followOne({ foreignKey }: MappedRelation, child: object, parent: object | null): void {
    if (parent !== null) this.#include(parent);
    this.#link(child, foreignKey, parent);
  }

  #followMany({ foreignKey, owner }: MappedRelation, parent: object, { value, loaded = [] }: Related): void {
    const members = new Set(value as object[]);
    const before = new Set(loaded);
    for (const member of before) {
      // One that has gone to another parent, by a relation or by its key, is not taken from that one.
      const isStillOurs = valueIn(member, foreignKey) === valueIn(parent, owner.key[0] as MappedColumn);
      const isGone = !members.has(member) && stateOf(member)?.status === 'persistent' && isStillOurs;
      if (isGone && !this.byChild.get(member)?.some(({ column }) => column === foreignKey))
        this.#link(member, foreignKey, null);
    }
    for (const member of members) {
      this.#include(member);
      if (!before.has(member)) this.#link(member, foreignKey, parent);
    }
  }

  #link(child: object, column: MappedColumn, parent: object | null): void {
    const others = (this.byChild.get(child) ?? []).filter((link) => link.column !== column);
    this.byChild.set(child, [...others, { column, parent }]);
  }
}

const valueIn = (instance: object, { property }: MappedColumn): unknown =>
  (instance as Record<string, unknown>)[property];
