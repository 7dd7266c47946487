import { EntityStateError, MappingError } from '../errors.js';
import { changes, type Link, type Work, write } from './flush.js';
import { type MappedRelation, type Mapping, mappingOfInstance, readRow } from './mapping.js';
import { selectByKey } from './select.js';
import { type InstanceState, type Related, type RelationLoader, stateOf } from './state.js';
import { keyOf, type Workspace } from './workspace.js';

/** What was added, changed and removed since the last flush, and how that is undone. */
export class UnitOfWork {
  readonly #workspace: Workspace;
  readonly #loader: RelationLoader;
  readonly #added = new Set<object>();
  readonly #removed = new Set<object>();
  /** What was written since the outermost open savepoint began. */
  readonly #written = new Set<object>();

  constructor(workspace: Workspace, loader: RelationLoader) {
    this.#workspace = workspace;
    this.#loader = loader;
  }

  add(instance: object): void {
    const state = this.#own(instance, 'add');
    if (state.status === 'removed') {
      this.#removed.delete(instance);
      state.status = 'persistent';
    } else if (state.status === 'transient') {
      refuseHiddenRelations(instance);
      state.status = 'pending';
      state.session = this.#loader;
      this.#added.add(instance);
    } else if (state.status === 'detached') {
      throw new EntityStateError({
        entity: nameOf(instance),
        problem: 'is detached: its row was deleted or its session has ended',
        wayOut: 'Make a new one to insert it again.',
      });
    }
  }

  remove(instance: object): void {
    const state = this.#own(instance, 'remove');
    if (state.status === 'pending') {
      this.#added.delete(instance);
      state.status = 'transient';
      state.session = undefined;
    } else if (state.status === 'persistent') {
      this.#removed.add(instance);
      state.status = 'removed';
    } else if (state.status !== 'removed') {
      throw new EntityStateError({
        entity: nameOf(instance),
        problem: `is ${state.status}, so there is nothing to remove`,
        wayOut: 'Remove what this session has loaded or added.',
      });
    }
  }

  #own(instance: object, verb: string): InstanceState {
    const state = typeof instance === 'object' && instance !== null ? stateOf(instance) : undefined;
    if (state === undefined) {
      throw new EntityStateError({
        entity: String(instance),
        problem: 'is no entity',
        wayOut: `Give ${verb}() an instance made by new, or loaded by this session.`,
      });
    }
    if (state.session !== undefined && state.session !== this.#loader) {
      throw new EntityStateError({
        entity: nameOf(instance),
        problem: 'belongs to another session',
        wayOut: 'Load it in this session by its key.',
      });
    }
    return state;
  }

  /** What would be written, for a session that may not write. */
  firstChange(): string | undefined {
    for (const instance of this.#added) return `a new ${nameOf(instance)}`;
    for (const instance of this.#removed) return `the removal of ${nameOf(instance)}`;
    for (const [mapping, instance] of this.#workspace.identities) {
      const [change] = changes(mapping, instance);
      if (change !== undefined) return `a change of ${change.column.place}`;
      const [name] = movedRelations(instance);
      if (name !== undefined) return `a change of ${mapping.relation(name).place}`;
    }
    return undefined;
  }

  /** Writes what has changed. `begin` is called before the first statement, and not at all where there is none. */
  flush(begin: () => void): void {
    const links = this.#followRelations();
    const updates: object[] = [];
    for (const [mapping, instance] of this.#workspace.identities) {
      if (stateOf(instance)?.status !== 'persistent') continue;
      if (links.has(instance) || changes(mapping, instance).length > 0) updates.push(instance);
    }
    if (this.#added.size + updates.length + this.#removed.size === 0) return;
    begin();
    const work: Work = { inserts: [...this.#added], updates, deletes: [...this.#removed], links };
    for (const instance of [...work.inserts, ...updates, ...work.deletes]) this.#written.add(instance);
    write(this.#workspace, work);
    this.#added.clear();
    this.#removed.clear();
    for (const [, instance] of this.#workspace.identities) settleRelations(instance);
  }

  /** Foreign keys from relations that were assigned or changed; new members are added on the way. */
  #followRelations(): Map<object, Link[]> {
    const links = new Map<object, Link[]>();
    const follow = (instance: object): void => {
      for (const name of movedRelations(instance)) {
        const relation = mappingOfInstance(instance).relation(name);
        const related = stateOf(instance)?.related?.get(name) as Related;
        if (relation.kind === 'belongsTo') this.#followOne(links, relation, instance, related);
        else this.#followMany(links, relation, instance, related);
      }
    };
    for (const [, instance] of this.#workspace.identities)
      if (stateOf(instance)?.status === 'persistent') follow(instance);
    // Grows while it is walked: each new entity may bring further ones.
    for (const instance of this.#added) follow(instance);
    return links;
  }

  #followOne(links: Map<object, Link[]>, relation: MappedRelation, child: object, { value }: Related): void {
    const parent = value as object | null;
    if (parent !== null) this.#include(parent);
    link(links, child, relation, parent);
  }

  #followMany(
    links: Map<object, Link[]>,
    relation: MappedRelation,
    parent: object,
    { value, loaded = [] }: Related,
  ): void {
    const members = new Set(value as object[]);
    const before = new Set(loaded);
    for (const member of before) {
      // A child that moved to another parent is linked there already, or will be: then this does not hold.
      const isGone = !members.has(member) && stateOf(member)?.status === 'persistent';
      if (isGone && !links.get(member)?.some(({ column }) => column === relation.foreignKey))
        link(links, member, relation, null);
    }
    for (const member of members) {
      this.#include(member);
      if (!before.has(member)) link(links, member, relation, parent);
    }
  }

  #include(instance: object): void {
    if (stateOf(instance)?.status === 'transient') this.add(instance);
    else this.#own(instance, 'add');
  }

  /** After a savepoint was rolled back: every instance as the database is. */
  restore(): void {
    for (const instance of this.#added) this.#expel(instance);
    const { identities } = this.#workspace;
    for (const [mapping, instance] of [...identities]) {
      const state = stateOf(instance) as InstanceState;
      const isTouched = this.#written.has(instance) || this.#removed.has(instance) || isChanged(instance);
      state.related = undefined;
      if (isTouched) this.#reload(mapping, instance);
    }
    for (const instance of this.#written)
      if (stateOf(instance)?.status === 'detached') this.#reload(mappingOfInstance(instance), instance);
    this.#added.clear();
    this.#removed.clear();
    this.#written.clear();
  }

  #reload(mapping: Mapping, instance: object): void {
    const state = stateOf(instance) as InstanceState;
    const key = keyOf(mapping, state.row ?? []);
    const row = selectByKey(this.#workspace.connection, mapping, key);
    this.#workspace.identities.delete(mapping, key);
    if (row === undefined) return this.#expel(instance);
    readRow(mapping, row).forEach(
      (value, i) => ((instance as Record<string, unknown>)[mapping.columns[i]?.property as string] = value),
    );
    state.row = row;
    state.status = 'persistent';
    state.session = this.#loader;
    this.#workspace.identities.set(mapping, key, instance);
  }

  /** It was new, and is so again. */
  #expel(instance: object): void {
    const state = stateOf(instance) as InstanceState;
    state.status = 'transient';
    state.session = undefined;
    state.row = undefined;
  }

  /** Reads an instance's row again, over unsaved changes. */
  refresh(instance: object): void {
    const state = this.#own(instance, 'refresh');
    if (state.status !== 'persistent')
      throw new EntityStateError({
        entity: nameOf(instance),
        problem: `is ${state.status}, so there is no row to read`,
        wayOut: 'Flush it first.',
      });
    state.related = undefined;
    this.#reload(mappingOfInstance(instance), instance);
  }
}

const nameOf = (instance: object): string => mappingOfInstance(instance).name;

/** The relations of an instance that are not as they were loaded. */
function movedRelations(instance: object): string[] {
  const related = stateOf(instance)?.related;
  if (related === undefined) return NONE;
  let moved: string[] | undefined;
  for (const [name, { value, loaded, isAssigned }] of related) {
    if (!isAssigned && (loaded === undefined || isSameList(value as object[], loaded))) continue;
    moved ??= [];
    moved.push(name);
  }
  return moved ?? NONE;
}
const NONE: string[] = [];
const isSameList = (list: readonly object[], other: readonly object[]): boolean =>
  list.length === other.length && list.every((member, i) => member === other[i]);

function link(links: Map<object, Link[]>, child: object, { foreignKey }: MappedRelation, parent: object | null): void {
  const others = (links.get(child) ?? []).filter(({ column }) => column !== foreignKey);
  links.set(child, [...others, { column: foreignKey, parent }]);
}

const isChanged = (instance: object): boolean => {
  try {
    return changes(mappingOfInstance(instance), instance).length > 0;
  } catch {
    // A value that its column refuses is a change too.
    return true;
  }
};

/** After a flush: what was assigned is what is stored. */
function settleRelations(instance: object): void {
  const related = stateOf(instance)?.related;
  for (const name of movedRelations(instance)) {
    const value = related?.get(name)?.value;
    related?.set(name, { value, loaded: Array.isArray(value) ? [...value] : undefined, isAssigned: false });
  }
}

function refuseHiddenRelations(instance: object): void {
  const { name, relationNames } = mappingOfInstance(instance);
  for (const relation of relationNames) {
    if (!Object.hasOwn(instance, relation)) continue;
    throw new MappingError({
      entity: name,
      problem: `a field hides its relation '${relation}'`,
      wayOut: `Write declare ${relation}: … in the class, without a value.`,
    });
  }
}
