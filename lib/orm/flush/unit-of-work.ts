import { EntityStateError, MappingError, show } from '../../errors.js';
import { type MappedRelation, type Mapping, relationsOf } from '../mapping/mapping.js';
import { refuseGone } from '../query/visits.js';
import { Collection } from '../relations/collection.js';
import { type InstanceState, knownState, stateOf } from '../state.js';
import type { Workspace } from '../workspace.js';
import { cascadeRemovals, removeOrphans } from './cascade.js';
import { changes, hasChanges } from './changes.js';
import { expunge, forgetGone } from './expunge.js';
import { write } from './flush.js';
import { followReferences, isMoved, pendingReferences } from './foreign-key.js';
import { refuseMissing } from './missing.js';
import { linkEntities } from './pairs.js';
import { showPending } from './pending.js';
import { reload, restoreAll, type Written } from './restore.js';
import { takeBack } from './take-back.js';
import { validateAll, type Words } from './validation.js';

/** What was added, changed and removed since the last flush, and how all of it is undone. */
export class UnitOfWork {
  readonly #workspace: Workspace;
  readonly #added = new Set<object>();
  readonly #removed = new Set<object>();
  /** Whose references or pairs have changed. */
  readonly #touched = new Set<object>();
  /** What was inserted and deleted since the transaction began, in its order. */
  readonly #written: Written[] = [];

  /** New children that were given a parent, and not added yet. */
  readonly #expected = new Set<object>();
  #isFlushing = false;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get hasAdded(): boolean {
    return this.#added.size > 0;
  }

  add(instance: object): void {
    const state = this.#own(instance, 'add');
    this.#workspace.visits.adopt(instance);
    switch (state.status) {
      case 'removed':
        this.#removed.delete(instance);
        state.status = 'persistent';
        break;
      case 'transient':
        this.#addAll(instance);
        break;
      case 'detached':
        throw refusal(instance, 'is detached: its row was deleted', 'Make a new one to insert it again.');
      default:
    }
  }

  /** With everything new that it is related to. */
  #addAll(first: object): void {
    this.#addOne(first, knownState(first));
    if (knownState(first).related === undefined && knownState(first).references === undefined) return;
    const found = new Set([first]);
    for (const instance of found) {
      const state = instance === first ? knownState(first) : this.#own(instance, 'add');
      if (state.status === 'transient') this.#addOne(instance, state);
      if (this.#added.has(instance)) for (const each of relatedOf(this.#workspace, state)) found.add(each);
    }
  }

  #addOne(instance: object, state: InstanceState): void {
    refuseHiddenRelations(instance, state.mapping);
    if (Object.isFrozen(instance))
      throw refusal(instance, 'is frozen, so its key could not be set', 'Add it first, or do not freeze it.');
    state.status = 'pending';
    state.session = this.#workspace.home;
    this.#added.add(instance);
    this.#workspace.visits.note(instance);
    if (state.references !== undefined || state.pairs !== undefined) this.#touched.add(instance);
  }

  remove(instance: object): void {
    const state = this.#own(instance, 'remove');
    switch (state.status) {
      case 'pending':
        this.#expunge(instance);
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

  /** With the children that go with it: a list, since a chain of them may be longer than the engine's stack. */
  #expunge(first: object): void {
    const gone = new Set([first]);
    for (const instance of gone) {
      this.#added.delete(instance);
      this.#touched.delete(instance);
      for (const child of expunge(this.#workspace, instance)) {
        if (knownState(child).status === 'pending') gone.add(child);
        else this.remove(child);
      }
    }
    forgetGone(gone, this.#touched);
  }

  expect(child: object): void {
    this.#expected.add(child);
  }
  /** At the end, when nobody is going to add them any more. */
  refuseMissing(): void {
    refuseMissing(this.#expected);
    this.#expected.clear();
  }

  touch(instance: object): void {
    this.#touched.add(instance);
    this.#workspace.visits.note(instance);
  }

  /** Reads an instance's row again, over unsaved changes. */
  refresh(instance: object): void {
    const state = this.#own(instance, 'refresh');
    if (state.status !== 'persistent')
      throw refusal(instance, `is ${state.status}, so there is no row to read`, 'Flush it first.');
    takeBack(this.#workspace, instance, this.#touched);
    this.#touched.delete(instance);
    reload(this.#workspace, instance);
  }

  #own(instance: object, verb: string): InstanceState {
    const state = typeof instance === 'object' && instance !== null ? stateOf(instance) : undefined;
    if (state === undefined) {
      const wayOut = `Give ${verb}() an instance made by new, or loaded by this session.`;
      throw new EntityStateError({ entity: show(instance), problem: 'is no entity', wayOut });
    }
    refuseGone(instance);
    if (state.session !== undefined && state.session !== this.#workspace.home) {
      throw refusal(instance, 'belongs to another session', 'Load it in this session by its key.');
    }
    return state;
  }

  /** What would be written, for a session that may not write. */
  firstChange(): string | undefined {
    for (const instance of this.#added) return `a new ${nameOf(instance)}`;
    for (const instance of this.#removed) return `the removal of ${nameOf(instance)}`;
    for (const instance of this.#workspace.identities) {
      const [change] = changes(instance);
      if (change !== undefined) return `a change of ${change.column.place}`;
    }
    this.#noticeCollections();
    for (const instance of this.#touched) {
      const relation = changedRelation(instance);
      if (relation !== undefined) return `a change of ${relation}`;
    }
    return undefined;
  }

  /** Whether a query of these entities' tables would miss something that is not yet written. */
  isSeenBy(mappings: readonly Mapping[]): boolean {
    if (this.#added.size + this.#removed.size + this.#touched.size > 0) return true;
    const { collections, identities } = this.#workspace;
    for (const collection of collections) if (collection.hasUnseenChange) return true;
    return identities.someOver(mappings, hasChanges);
  }

  #noticeCollections(): void {
    for (const collection of this.#workspace.collections) collection.notice();
  }

  /** Writes what has changed. `begin` is called before the first statement, and not at all where there is none. */
  flush(begin: () => void): void {
    // An entity's validate() may touch what has to be loaded.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      this.#flush(begin);
    } finally {
      this.#isFlushing = false;
    }
  }

  #flush(begin: () => void): void {
    const words: Words = new Map();
    let updates: object[];
    do {
      this.#follow(begin);
      updates = this.#changed();
      // What an entity says of itself may change others, which are asked then.
    } while (validateAll([...this.#added, ...updates], words));
    const paired = [...this.#touched].filter((instance) => knownState(instance).pairs !== undefined);
    if (this.#added.size + updates.length + this.#removed.size + paired.length > 0) {
      begin();
      const work = { inserts: [...this.#added], updates, deletes: [...this.#removed], paired };
      write(this.#workspace, work, (instance) => {
        // At once, and not at the end: after a flush that failed half-way, only the other half is left to do.
        const how = this.#removed.delete(instance) ? 'deleted' : 'inserted';
        this.#added.delete(instance);
        this.#written.push({ instance, how });
      });
    }
    this.#touched.clear();
  }

  /** A relation was loaded, perhaps by what an entity's validate() has touched. */
  loaded(relation: MappedRelation): void {
    if (!this.#isFlushing) return;
    showPending(this.#workspace, relation, this.#unstored());
  }
  /** Whoever has come or has changed, and is not written yet. */
  #unstored(): object[] {
    return [...new Set([...this.#touched, ...this.#added, ...this.#changed()])];
  }

  /** What follows from what was done: orphans, cascades, entities between others, keys of parents. */
  #follow(begin: () => void): void {
    const workspace = this.#workspace;
    this.#noticeCollections();
    removeOrphans(this.#touched, (instance) => this.remove(instance));
    if (this.#removed.size > 0) {
      begin();
      cascadeRemovals(workspace, this.#removed, this.#unstored(), (instance) => this.remove(instance));
    }
    linkEntities(workspace, this.#touched, {
      add: (instance) => this.add(instance),
      remove: (instance) => this.remove(instance),
      begin,
    });
    // Where the parent has its key already: what it has before may be what it is given.
    for (const instance of this.#touched) followReferences(instance, pendingReferences(instance));
  }

  #changed(): object[] {
    const changed: object[] = [];
    for (const instance of this.#workspace.identities) {
      const state = knownState(instance);
      if (state.status === 'persistent' && (state.references !== undefined || hasChanges(instance)))
        changed.push(instance);
    }
    return changed;
  }

  /** A statement has deleted its row: it comes back if that is undone. */
  deleted(instance: object): void {
    this.#written.push({ instance, how: 'deleted' });
  }
  /** These do not come back, although something was written of them since a mark. */
  forget(gone: ReadonlySet<object>, since: number): void {
    const written = this.#written;
    for (let i = since; i < written.length; i++)
      if (gone.has(written[i]?.instance as object)) written[i] = NOTHING_WRITTEN;
  }

  /** The transaction was committed: there is nothing to come back to. */
  settle(): void {
    for (const { instance } of this.#written)
      if (instance !== NOTHING_WRITTEN.instance) knownState(instance).followed = undefined;
    this.#written.length = 0;
  }

  /** How much was written, for `restore`. */
  get mark(): number {
    return this.#written.length;
  }
  /** After a rollback, of the transaction or to a savepoint at a mark: every instance as the database is. */
  restore(mark: number): void {
    const undone = this.#written.splice(mark).filter((each) => each !== NOTHING_WRITTEN);
    restoreAll(this.#workspace, this.#added, undone);
    this.#added.clear();
    this.#removed.clear();
    this.#touched.clear();
    this.#expected.clear();
  }
}

/** In the place of what was forgotten: marks count places. */
const NOTHING_WRITTEN: Written = { instance: {}, how: 'deleted' };

function changedRelation(instance: object): string | undefined {
  const { mapping, references, pairs } = knownState(instance);
  for (const [{ place }, members] of pairs ?? []) if (members.size > 0) return place;
  for (const [foreignKey, { parent }] of references ?? [])
    if (isMoved(instance, foreignKey, parent))
      return [...relationsOf(mapping), ...mapping.incoming].find((each) => each.foreignKey === foreignKey)?.place;
  return undefined;
}

function* relatedOf({ collections }: Workspace, { related, references }: InstanceState): Generator<object> {
  for (const { parent } of references?.values() ?? []) if (parent !== null) yield parent;
  for (const value of related?.values() ?? []) {
    if (value instanceof Collection) {
      collections.add(value);
      // What is no entity is told at the flush, as all that was put in by its index.
      for (const member of value) if (stateOf(member) !== undefined) yield member;
    } else if (value instanceof Object) yield value;
  }
}

const nameOf = (instance: object): string => knownState(instance).mapping.name;
const refusal = (instance: object, problem: string, wayOut: string) =>
  new EntityStateError({ entity: nameOf(instance), problem, wayOut });

function refuseHiddenRelations(instance: object, { name, relationNames }: Mapping): void {
  for (const relation of relationNames) {
    if (!Object.hasOwn(instance, relation)) continue;
    throw new MappingError({
      entity: name,
      problem: `a field hides its relation '${relation}'`,
      wayOut: `Write declare ${relation}: … in the class, without a value.`,
    });
  }
}
