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
    this.notice();
    this.#refuse(members);
    for (const member of members) {
      if (this.includes(member)) continue;
      super.push(member);
      this.#seen.push(member);
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
    this.splice(0, this.length, ...members);
  }
  /** Puts a member in, or takes it out, because the other side says so. */
  follow(member: object, isMember: boolean): void {
    const at = this.indexOf(member);
    if (at >= 0 === isMember) return;
    if (isMember) super.push(member);
    else super.splice(at, 1);
    const seenAt = this.#seen.indexOf(member);
    if (isMember && seenAt < 0) this.#seen.push(member);
    else if (!isMember && seenAt >= 0) this.#seen.splice(seenAt, 1);
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
    for (const member of before) if (!members.has(member)) this.#listener.removed(this.#owner, this.#relation, member);
    for (const member of members) if (!before.has(member)) this.#listener.added(this.#owner, this.#relation, member);
  }
  /** Nothing of it is stored any more: a flush is told of every member anew. */
  forget(): void {
    this.#seen = [];
  }

  #refuse(members: readonly unknown[]): void {
    for (const member of members) this.#listener.refuse(this.#owner, this.#relation, member);
  }
}
