import { EntityStateError } from '../../errors.js';
import type { MappedRelation } from '../mapping/mapping.js';

/** What a program does with a collection, told to whoever keeps the other side in step. */
export interface CollectionListener {
  /** Throws where this cannot be a member; the collection is then as it was. */
  refuse(owner: object, relation: MappedRelation, member: unknown): void;
  added(owner: object, relation: MappedRelation, member: object): void;
  removed(owner: object, relation: MappedRelation, member: object): void;
  /** Whether it was given to `remove`. */
  isRemoved(member: unknown): boolean;
}

/** Up to here an array is looked through as quickly as a Set is asked. */
const FEW = 64;

/**
 * The members of a relation of many: an array that tells of its changes. What its methods do is told at once; `arr[0] = x`
 * and `arr.length = 0` are found by `notice`, before a flush.
 */
export class Collection extends Array<object> {
  /** `map` and `filter` make plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  readonly #owner: object;
  readonly #relation: MappedRelation;
  readonly #listener: CollectionListener;
  /** As it was told of last. */
  #seen: object[];
  /** The same as a Set, where there are many: without it, to push one after the other would take the square of their number. */
  #many: Set<object> | undefined;
  /** Where the last one stood that was asked for. */
  #asked = -1;

  constructor(owner: object, relation: MappedRelation, members: readonly object[], listener: CollectionListener) {
    super();
    for (let i = 0; i < members.length; i++) this[i] = members[i] as object;
    this.#owner = owner;
    this.#relation = relation;
    this.#listener = listener;
    this.#seen = [...members];
  }

  /** What is a member already stays where it is: the other side may have put it in. */
  override push(...members: object[]): number {
    this.#refuseFrozen();
    // Where there are many, what was set by its index alone waits for the flush.
    if (this.length <= FEW || this.length !== this.#seen.length) this.notice();
    this.#refuse(members);
    for (const member of members) {
      if (this.#has(member)) continue;
      super.push(member);
      this.#see(member);
      this.#listener.added(this.#owner, this.#relation, member);
    }
    return this.length;
  }
  override unshift(...members: object[]): number {
    this.splice(0, 0, ...members);
    return this.length;
  }
  override pop(): object | undefined {
    return this.splice(-1, 1)[0];
  }
  override shift(): object | undefined {
    return this.splice(0, 1)[0];
  }
  override splice(start: number, ...rest: unknown[]): object[] {
    this.#refuseFrozen();
    this.notice();
    this.#refuse(rest.slice(1));
    const removed = super.splice(start, ...(rest as [number, ...object[]]));
    this.#tell();
    return removed;
  }
  override sort(compare?: (a: object, b: object) => number): this {
    super.sort(compare);
    this.notice();
    return this;
  }
  override reverse(): this {
    super.reverse();
    this.notice();
    return this;
  }

  /** From now on these are the members. */
  replace(members: readonly object[]): void {
    const all = [...members];
    this.#refuseFrozen();
    this.notice();
    this.#refuse(all);
    // One by one: all of them as arguments could be more than the stack holds.
    this.length = 0;
    for (const member of all) super.push(member);
    this.#tell();
  }
  /** Puts a member in, or takes it out, because the other side says so. */
  follow(member: object, isMember: boolean): void {
    if (this.#has(member) === isMember) return;
    if (isMember) {
      super.push(member);
      this.#see(member);
    } else {
      // By splice the engine asks an array of a class of its own for each of those behind.
      for (let i = this.indexOf(member); i < this.length - 1; i++) this[i] = this[i + 1] as object;
      this.length--;
      const seenAt = this.#seen.indexOf(member);
      if (seenAt >= 0) this.#seen.splice(seenAt, 1);
      this.#many?.delete(member);
    }
  }
  #has(member: object): boolean {
    if (this.length <= FEW) return this.includes(member);
    if (!this.#manySeen().has(member)) return false;
    // Who was taken out by the index is still among the seen. The newest is asked for most, and by a flush one after the other.
    if (this.at(-1) === member) return true;
    this.#asked = this[this.#asked + 1] === member ? this.#asked + 1 : this.indexOf(member);
    return this.#asked >= 0;
  }
  #see(member: object): void {
    if (this.length <= FEW ? this.#seen.includes(member) : this.#manySeen().has(member)) return;
    this.#seen.push(member);
    this.#many?.add(member);
  }
  #manySeen(): Set<object> {
    return (this.#many ??= new Set(this.#seen));
  }

  get hasUnseenChange(): boolean {
    const seen = this.#seen;
    if (this.length !== seen.length) return true;
    for (let i = 0; i < seen.length; i++) if (this[i] !== seen[i]) return true;
    return false;
  }
  /** Tells of what has changed since the last time. What was put in by its index and removed since does not come back by that. */
  notice(): void {
    if (!this.hasUnseenChange) return;
    for (let i = this.length - 1; i >= 0; i--)
      if (this.#listener.isRemoved(this[i]) && !this.#seen.includes(this[i] as object)) super.splice(i, 1);
    this.#tell();
  }
  #tell(): void {
    if (!this.hasUnseenChange) return;
    const before = new Set(this.#seen);
    const members = new Set<object>();
    for (const member of this) members.add(member);
    this.#refuse([...members].filter((member) => !before.has(member)));
    this.#seen = [...this];
    this.#many = undefined;
    for (const member of before) if (!members.has(member)) this.#listener.removed(this.#owner, this.#relation, member);
    for (const member of members) if (!before.has(member)) this.#listener.added(this.#owner, this.#relation, member);
  }
  /** Nothing of it is stored any more: a flush is told of every member anew. */
  forget(): void {
    this.#seen = [];
    this.#many = undefined;
  }

  #refuseFrozen(): void {
    if (!Object.isFrozen(this)) return;
    const { place, name } = this.#relation;
    throw new EntityStateError({
      entity: place,
      problem:
        'was let go: by a rollback, a refresh, an iterate() that moved on, or a statement that changed many rows',
      wayOut: `Take it from its owner again: owner.${name}.`,
    });
  }
  #refuse(members: readonly unknown[]): void {
    for (const member of members) this.#listener.refuse(this.#owner, this.#relation, member);
  }
}
