import type { Kind } from './graph.js';

/** One thing of the model: what its row and its relations should be. */
export interface Thing {
  readonly kind: Kind;
  /** The entity of the session that runs. */
  real: { id: number; name: string };
  name: string;
  isAlive: boolean;
  /** Of an item, a badge or a leaf: whose it is. */
  of: Thing | null;
  /** Of an item. */
  readonly tags: Set<Thing>;
}

/** The rules of the graph, without a database: what a program's steps should come to. */
export class GraphModel {
  readonly things: Thing[] = [];

  alive(kind: Kind): Thing[] {
    return this.things.filter((thing) => thing.isAlive && thing.kind === kind);
  }
  of(owner: Thing, kind: Kind): Thing[] {
    return this.alive(kind).filter((thing) => thing.of === owner);
  }
  add(kind: Kind, real: Thing['real'], name: string, of: Thing | null): Thing {
    const thing: Thing = { kind, real, name, of, isAlive: true, tags: new Set() };
    this.things.push(thing);
    return thing;
  }
  /** An owner has one badge: the one before stays without an owner. */
  give(badge: Thing, owner: Thing | null): void {
    if (owner !== null) for (const before of this.of(owner, 'badge')) before.of = null;
    badge.of = owner;
  }
  remove(thing: Thing): void {
    thing.isAlive = false;
    thing.tags.clear();
    for (const item of this.alive('item')) item.tags.delete(thing);
    for (const item of this.of(thing, 'item')) this.remove(item);
    for (const kind of ['badge', 'leaf'] as const) for (const child of this.of(thing, kind)) child.of = null;
  }

  /** What brings everything back to how it is now; what came later is gone then. */
  save(): () => void {
    const saved = this.things.map((thing) => ({ ...thing, tags: new Set(thing.tags) }));
    return () => {
      for (const thing of this.things.slice(saved.length)) thing.isAlive = false;
      for (const [i, { name, isAlive, of, tags }] of saved.entries()) {
        const thing = this.things[i] as Thing;
        Object.assign(thing, { name, isAlive, of });
        thing.tags.clear();
        for (const tag of tags) thing.tags.add(tag);
      }
    };
  }

  rows(kind: Kind): unknown[][] {
    const rows = this.alive(kind).map(({ real, name, of }) => {
      const owned = kind === 'owner' || kind === 'tag' ? [] : [of?.real.id ?? null];
      return [real.id, name, ...owned];
    });
    return rows.sort(byFirst);
  }
  pairs(): unknown[][] {
    const pairs = this.alive('item').flatMap((item) => [...item.tags].map((tag) => [item.real.id, tag.real.id]));
    return pairs.sort((a, b) => byFirst(a, b) || (a[1] as number) - (b[1] as number));
  }
}
const byFirst = (a: readonly unknown[], b: readonly unknown[]): number => (a[0] as number) - (b[0] as number);
