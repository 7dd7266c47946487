import { EntityStateError } from '../../errors.js';
import type { IdentityMap } from '../identity-map.js';
import { keyOf } from '../mapping/mapping.js';
import { Collection } from '../relations/collection.js';
import { forgetRelation } from '../relations/loaded-relation.js';
import { type Home, knownState } from '../state.js';

/** One iteration under way. */
export interface Visit {
  /** What it has brought, and what came with that through relations. */
  readonly guests: Set<object>;
  /** Instances that stay, and may have come to know its guests. */
  readonly friends: Set<object>;
}

/**
 * The iterations that are under way in a session. A unit is one synchronous job, in which nothing that is only weakly
 * held is ever given back: so what an iteration brings are guests, which are let go when it moves on. Whatever the
 * session knew before, or is asked for by another way meanwhile, stays.
 */
export class Visits {
  readonly #identities: IdentityMap;
  readonly #collections: Set<Collection>;
  readonly #open = new Set<Visit>();
  /** For whom rows are being loaded. */
  #current: Visit | undefined;
  #areOver = true;

  constructor(identities: IdentityMap, collections: Set<Collection>) {
    this.#identities = identities;
    this.#collections = collections;
  }

  /** Whether there are none: asked of every row that is loaded. */
  get areOver(): boolean {
    return this.#areOver;
  }
  begin(): Visit {
    const visit: Visit = { guests: new Set(), friends: new Set() };
    this.#open.add(visit);
    this.#areOver = false;
    return visit;
  }
  /** Its last guests stay: with the visit around it, if there is one, until that goes on. */
  end(visit: Visit): void {
    this.#open.delete(visit);
    this.#areOver = this.#open.size === 0;
    const around = [...this.#open].at(-1);
    for (const guest of visit.guests) around?.guests.add(guest);
    for (const friend of visit.friends) around?.friends.add(friend);
  }

  /** What is loaded meanwhile is brought by a visit, or by none. */
  loading<T>(visit: Visit | undefined, work: () => T): T {
    const before = this.#current;
    this.#current = visit;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }
  #hostOf(instance: object): Visit | undefined {
    for (const visit of this.#open) if (visit.guests.has(instance)) return visit;
    return undefined;
  }

  /** A row was met that has become an instance now, or was one. */
  meet(instance: object, isNew: boolean): void {
    if (this.#current === undefined) this.adopt(instance);
    else if (isNew || this.#hostOf(instance) !== undefined) this.#current.guests.add(instance);
    else this.#current.friends.add(instance);
  }
  /** An instance was asked for by another way: it stays. */
  adopt(instance: object): void {
    for (const visit of this.#open) {
      visit.guests.delete(instance);
      visit.friends.add(instance);
    }
  }
  /** An instance has got new relations. */
  note(instance: object): void {
    for (const visit of this.#open) visit.friends.add(instance);
  }
  /**
   * Loads something for some instances: apart for guests, who bring what comes along, and for those that stay, for whom
   * it stays as well.
   */
  apart(instances: readonly object[], load: (instances: readonly object[]) => Iterable<object>): void {
    const isGuest = (instance: object) => this.#hostOf(instance) !== undefined;
    const guests = instances.filter(isGuest);
    const others = guests.length === 0 ? instances : instances.filter((instance) => !isGuest(instance));
    if (guests.length > 0) this.loading(this.#hostOf(guests[0] as object), () => load(guests));
    if (others.length > 0) for (const found of this.loading(undefined, () => load(others))) this.adopt(found);
  }

  /** Lets a visit's guests go, after what has changed in them was written. */
  letGo(visit: Visit): ReadonlySet<object> {
    const leaving = new Set([...visit.guests].filter((guest) => this.#mayLeave(guest, visit)));
    for (const guest of leaving) this.#release(guest);
    for (const guest of leaving) this.#forgetInParents(guest);
    for (const friend of visit.friends) this.#forgetGone(friend);
    visit.guests.clear();
    visit.friends.clear();
    return leaving;
  }
  #mayLeave(guest: object, visit: Visit): boolean {
    const { status } = knownState(guest);
    if (status !== 'persistent' && status !== 'detached') return false;
    for (const other of this.#open) if (other !== visit && other.guests.has(guest)) return false;
    return true;
  }

  #release(guest: object): void {
    const state = knownState(guest);
    const { mapping, row = [], related } = state;
    const key = keyOf(mapping, row);
    if (this.#identities.get(mapping, key) === guest) this.#identities.delete(mapping, key);
    state.status = 'detached';
    state.session = GONE;
    state.siblings = undefined;
    // A change that comes late is an error, and not lost.
    Object.freeze(guest);
    for (const value of related?.values() ?? []) {
      if (!(value instanceof Collection)) continue;
      this.#collections.delete(value);
      Object.freeze(value);
    }
  }

  /** A parent that stays loads its children anew when they are asked for. */
  #forgetInParents(guest: object): void {
    const { mapping, row = [] } = knownState(guest);
    for (const { owner, name, foreignKey } of mapping.incoming) {
      const parent = this.#identities.get(
        owner,
        foreignKey.map(({ index }) => row[index]),
      );
      if (parent !== undefined) forgetRelation(this.#collections, parent, name);
    }
  }
  #forgetGone(friend: object): void {
    const state = knownState(friend);
    if (state.session === GONE) return;
    if (state.siblings?.some(isGone)) state.siblings = undefined;
    for (const [name, value] of state.related ?? []) {
      const members = value instanceof Collection ? [...value] : [value];
      if (members.some(isGone)) forgetRelation(this.#collections, friend, name);
    }
  }
}

const isGone = (value: unknown): boolean => value instanceof Object && knownState(value).session === GONE;

function refuse(what: string): never {
  throw new EntityStateError({
    entity: what,
    problem: 'was let go when iterate() moved on, so it is neither loaded nor changed any more',
    wayOut: 'Do so before the next one is asked for, load ahead with with(…), or take what stays from get() or all().',
  });
}
const nameOf = (instance: object): string => knownState(instance).mapping.name;
/** The session of what was let go. */
const GONE: Home = {
  load: (instance, relation) => refuse(`${nameOf(instance)}.${relation}`),
  find: ({ name }) => refuse(`What has to do with this ${name}`),
  include: (instance) => refuse(nameOf(instance)),
  expect: (child) => refuse(nameOf(child)),
  touch: (instance) => refuse(nameOf(instance)),
  watch: () => refuse('A collection'),
};
export const refuseGone = (instance: object): void => {
  if (isGone(instance)) refuse(nameOf(instance));
};
