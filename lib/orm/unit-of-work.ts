import { EntityStateError, MappingError, StaleEntityError } from '../errors.js';
import { changes, write } from './flush.js';
import { Links, movedRelations, settleRelations } from './links.js';
import { type Mapping, mappingOfInstance, readRow } from './mapping.js';
import { selectByKey } from './select.js';
import { type InstanceState, type RelationLoader, stateOf } from './state.js';
import { keyOf, type Workspace } from './workspace.js';

/** What was added, changed and removed since the last flush, and how all of it is undone. */
export class UnitOfWork {
  readonly #workspace: Workspace;
  readonly #loader: RelationLoader;
  readonly #added = new Set<object>();
  readonly #removed = new Set<object>();
  /** Whose rows were deleted since the transaction began: they come back if it is undone. */
  readonly #deleted = new Set<object>();

  constructor(workspace: Workspace, loader: RelationLoader) {
    this.#workspace = workspace;
    this.#loader = loader;
  }

  get hasAdded(): boolean {
    return this.#added.size > 0;
  }

  add(instance: object): void {
    const state = this.#own(instance, 'add');
    switch (state.status) {
      case 'removed':
        this.#removed.delete(instance);
        state.status = 'persistent';
        break;
      case 'transient':
        refuseHiddenRelations(instance);
        state.status = 'pending';
        state.session = this.#loader;
        this.#added.add(instance);
        break;
      case 'detached':
        throw refusal(instance, 'is detached: its row was deleted', 'Make a new one to insert it again.');
      default:
    }
  }

  remove(instance: object): void {
    const state = this.#own(instance, 'remove');
    switch (state.status) {
      case 'pending':
        this.#added.delete(instance);
        state.status = 'transient';
        state.session = undefined;
        break;
      case 'persistent':
        this.#removed.add(instance);
        state.status = 'removed';
        break;
      case 'removed':
        break;
      default:
        throw refusal(
          instance,
          `is ${state.status}, so there is nothing to remove`,
          'Remove what this session has loaded or added.',
        );
    }
  }

  /** Reads an instance's row again, over unsaved changes. */
  refresh(instance: object): void {
    const state = this.#own(instance, 'refresh');
    if (state.status !== 'persistent')
      throw refusal(instance, `is ${state.status}, so there is no row to read`, 'Flush it first.');
    const mapping = mappingOfInstance(instance);
    const key = keyOf(mapping, state.row ?? []);
    this.#reload(mapping, instance);
    if (state.row === undefined) throw new StaleEntityError({ entity: mapping.name, key: key.map(String).join(', ') });
  }

  #own(instance: object, verb: string): InstanceState {
    const state = typeof instance === 'object' && instance !== null ? stateOf(instance) : undefined;
    if (state === undefined) {
      const wayOut = `Give ${verb}() an instance made by new, or loaded by this session.`;
      throw new EntityStateError({ entity: String(instance), problem: 'is no entity', wayOut });
    }
    if (state.session !== undefined && state.session !== this.#loader) {
      throw refusal(instance, 'belongs to another session', 'Load it in this session by its key.');
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
    const { identities } = this.#workspace;
    const links = new Links((instance) => {
      if (stateOf(instance)?.status === 'transient') this.add(instance);
      else this.#own(instance, 'add');
    });
    for (const [, instance] of identities) if (stateOf(instance)?.status === 'persistent') links.follow(instance);
    // Grows while it is walked: each new entity may bring further ones.
    for (const instance of this.#added) links.follow(instance);

    const updates: object[] = [];
    for (const [mapping, instance] of identities) {
      if (stateOf(instance)?.status !== 'persistent') continue;
      if (links.byChild.has(instance) || changes(mapping, instance).length > 0) updates.push(instance);
    }
    if (this.#added.size + updates.length + this.#removed.size === 0) return;
    begin();
    const work = { inserts: [...this.#added], updates, deletes: [...this.#removed], links: links.byChild };
    write(this.#workspace, work, (instance) => {
      // At once, and not at the end: after a flush that failed half-way, only the other half is left to do.
      this.#added.delete(instance);
      if (this.#removed.delete(instance)) this.#deleted.add(instance);
    });
    for (const [, instance] of identities) settleRelations(instance, work.deletes.length > 0);
  }

  /** The transaction was committed: there is nothing to come back to. */
  settle(): void {
    this.#deleted.clear();
  }

  /** After a rollback, of the transaction or to a savepoint: every instance as the database is. */
  restore(): void {
    const { connection, identities } = this.#workspace;
    const stored = [...identities];
    const known = new Set<object>(stored.map(([, instance]) => instance));
    for (const instance of this.#added) if (!known.has(instance)) makeTransient(instance);
    this.#added.clear();
    this.#removed.clear();
    for (const [mapping, instance] of stored) this.#reload(mapping, instance);
    for (const instance of this.#deleted) {
      const mapping = mappingOfInstance(instance);
      const key = keyOf(mapping, stateOf(instance)?.row ?? []);
      // Its row may still be gone, by an outer part of the transaction, or be that of a newer instance.
      if (identities.get(mapping, key) !== undefined || selectByKey(connection, mapping, key) === undefined) continue;
      this.#deleted.delete(instance);
      this.#reload(mapping, instance);
    }
  }

  #reload(mapping: Mapping, instance: object): void {
    const { connection, identities } = this.#workspace;
    const state = stateOf(instance) as InstanceState;
    const key = keyOf(mapping, state.row ?? []);
    const row = selectByKey(connection, mapping, key);
    if (row === undefined) {
      if (identities.get(mapping, key) === instance) identities.delete(mapping, key);
      return makeTransient(instance);
    }
    readRow(mapping, row).forEach((value, i) => {
      (instance as Record<string, unknown>)[mapping.columns[i]?.property as string] = value;
    });
    Object.assign(state, { row, status: 'persistent', session: this.#loader, related: undefined });
    identities.set(mapping, key, instance);
  }
}

/** It was new, and is so again: without the key that the database had made for it, with the relations it was given. */
function makeTransient(instance: object): void {
  const state = stateOf(instance) as InstanceState;
  for (const property of state.generated ?? []) (instance as Record<string, unknown>)[property] = undefined;
  for (const [name, { value }] of state.related ?? []) {
    state.related?.set(name, { value, loaded: Array.isArray(value) ? [] : undefined, isAssigned: true });
  }
  Object.assign(state, { status: 'transient', session: undefined, row: undefined, generated: undefined });
}

const nameOf = (instance: object): string => mappingOfInstance(instance).name;
const refusal = (instance: object, problem: string, wayOut: string) =>
  new EntityStateError({ entity: nameOf(instance), problem, wayOut });

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
