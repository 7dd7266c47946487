import fc from 'fast-check';
import { type Session, sql } from '../../lib/orm/index.js';
import { type Badge, Item, KINDS, type Kind, type Leaf, Owner, type Tag } from './graph.js';
import { GraphModel, type Thing } from './graph-model.js';

/** What a program may do; each number picks one of the things that are there. */
export type GraphStep =
  | { do: 'add' | 'remove' | 'rename' | 'query' | 'touch' | 'refresh'; kind: Kind; at: number; to: number }
  | { do: 'flush' | 'count' }
  | { do: 'own' | 'take' | 'give' | 'wear' | 'hang' | 'grow' | 'tag' | 'file' | 'merge'; at: number; to: number }
  | { do: 'savepoint'; isUndone: boolean; steps: GraphStep[] };

const nat = fc.nat({ max: 5 });
const kind = fc.constantFrom(...(Object.keys(KINDS) as Kind[]));
const relating = ['own', 'take', 'give', 'wear', 'hang', 'grow', 'tag', 'file', 'merge'] as const;
export const { step: graphStep } = fc.letrec<{ step: GraphStep }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.record({ do: fc.constantFrom('flush', 'count') }) as fc.Arbitrary<GraphStep>,
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('add', 'add', 'remove', 'rename', 'query', 'touch', 'refresh'),
        kind,
        at: nat,
        to: nat,
      }) as fc.Arbitrary<GraphStep>,
    },
    {
      weight: 10,
      arbitrary: fc.record({ do: fc.constantFrom(...relating), at: nat, to: nat }) as fc.Arbitrary<GraphStep>,
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('savepoint'),
        isUndone: fc.boolean(),
        steps: fc.array(tie('step'), { maxLength: 6 }),
      }) as fc.Arbitrary<GraphStep>,
    },
  ),
}));

export class Undo extends Error {}

/** Runs steps on a session and on the model beside it. */
export class GraphProgram {
  readonly model = new GraphModel();
  #session: Session;
  #count = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Goes on in another session, which knows nothing yet. */
  enter(session: Session): void {
    this.#session = session;
    for (const kind of Object.keys(KINDS) as Kind[]) {
      const things = new Map(this.model.alive(kind).map((thing) => [thing.real.id, thing]));
      for (const real of session.query(KINDS[kind] as typeof Owner).all()) (things.get(real.id) as Thing).real = real;
    }
  }

  run(steps: readonly GraphStep[]): void {
    for (const step of steps) this.#run(step);
  }

  #run(step: GraphStep): void {
    switch (step.do) {
      case 'flush':
        return this.#session.flush();
      case 'count':
        this.#session.run(sql`select count(*) from item`);
        return;
      case 'savepoint':
        return this.#savepoint(step.isUndone, step.steps);
      case 'add':
        return this.#add(step.kind, step.at);
      case 'remove':
      case 'rename':
      case 'query':
      case 'touch':
      case 'refresh':
        return this.#withOne(step.do, step.kind, step.at);
      default:
        return this.#relate(step.do, step.at, step.to);
    }
  }

  #savepoint(isUndone: boolean, steps: readonly GraphStep[]): void {
    // A savepoint is flushed at its start: what was before is not undone with it.
    const restore = this.model.save();
    try {
      this.#session.savepoint(() => {
        this.run(steps);
        if (isUndone) throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
      restore();
    }
  }

  #pick(kind: Kind, at: number): Thing | undefined {
    const alive = this.model.alive(kind);
    return alive[at % Math.max(1, alive.length)];
  }

  #add(kind: Kind, at: number): void {
    const name = `${kind} ${this.#count++}`;
    if (kind === 'item') {
      const owner = this.#pick('owner', at);
      if (owner === undefined) return;
      const item = new Item({ name });
      (owner.real as Owner).items.push(item);
      this.model.add('item', item, name, owner);
      return;
    }
    const real = new KINDS[kind]({ name } as never);
    this.#session.add(real);
    this.model.add(kind, real, name, null);
  }

  #withOne(what: 'remove' | 'rename' | 'query' | 'touch' | 'refresh', kind: Kind, at: number): void {
    const thing = this.#pick(kind, at);
    if (thing === undefined) return;
    const real = thing.real as Owner & Item & Badge & Tag & Leaf;
    if (what === 'remove') {
      this.#session.remove(real);
      this.model.remove(thing);
    } else if (what === 'rename') {
      thing.name = real.name = `renamed ${this.#count++}`;
    } else if (what === 'query') {
      this.#session
        .query(KINDS[kind] as typeof Owner)
        .where('id', '>', 0)
        .all();
    } else if (what === 'touch') {
      void [real.items, real.badge, real.owner, real.tags, real.parent, real.children];
    } else {
      this.#session.flush();
      this.#session.refresh(real);
    }
  }

  #relate(what: 'own' | 'take' | 'give' | 'wear' | 'hang' | 'grow' | 'tag' | 'file' | 'merge', at: number, to: number) {
    const kinds = {
      own: 'item',
      take: 'item',
      give: 'badge',
      wear: 'badge',
      hang: 'leaf',
      grow: 'leaf',
      tag: 'item',
      file: 'item',
      merge: 'item',
    } as const;
    const thing = this.#pick(kinds[what], at);
    if (thing === undefined) return;
    if (kinds[what] === 'item') this.#relateItem(what, thing, to);
    else if (kinds[what] === 'badge') this.#relateBadge(what, thing, to);
    else this.#relateLeaf(what, thing, to);
  }

  #relateItem(what: string, item: Thing, to: number): void {
    const real = item.real as Item;
    if (what === 'tag' || what === 'file') {
      const tag = this.#pick('tag', to);
      if (tag === undefined) return;
      const [members, member] = what === 'tag' ? [real.tags, tag.real] : [(tag.real as Tag).items, real];
      const index = (members as object[]).indexOf(member);
      if (index < 0) members[members.length] = member as never;
      else if (index === members.length - 1) members.length = index;
      else members.splice(index, 1);
      if (index >= 0) item.tags.delete(tag);
      else item.tags.add(tag);
      return;
    }
    const owner = this.#pick('owner', to) as Thing;
    if (what === 'own') real.owner = owner.real as Owner;
    else if (what === 'merge') {
      this.#session.flush();
      this.#session.merge(Owner, { id: owner.real.id, name: owner.name });
    } else {
      const { items } = owner.real as Owner;
      const index = items.indexOf(real);
      if (index < 0) items.push(real);
      else {
        items.splice(index, 1);
        return this.model.remove(item);
      }
    }
    if (what !== 'merge') item.of = owner;
  }

  #relateBadge(what: string, badge: Thing, to: number): void {
    const owner = to === 5 ? null : (this.#pick('owner', to) ?? null);
    const real = badge.real as Badge;
    // Where another is known to wear it already: what is not loaded is for the database to refuse.
    for (const each of this.model.alive('owner')) void (each.real as Owner).badge;
    if (what === 'give') real.owner = (owner?.real ?? null) as Owner | null;
    else if (owner !== null) (owner.real as Owner).badge = real;
    else return;
    this.model.give(badge, owner);
  }

  #relateLeaf(what: string, leaf: Thing, to: number): void {
    const parent = to === 5 ? null : (this.#pick('leaf', to) as Thing);
    const real = leaf.real as Leaf;
    if (what === 'hang') real.parent = (parent?.real ?? null) as Leaf | null;
    else if (parent !== null) (parent.real as Leaf).children.push(real);
    else return;
    leaf.of = parent;
  }
}
