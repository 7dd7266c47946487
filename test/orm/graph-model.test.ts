import { expect } from 'chai';
import fc from 'fast-check';
import { createTables, type LocalSession, type Session, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { type Badge, type Item, KINDS, type Kind, type Leaf, type Owner, type Tag } from './graph.js';
import type { GraphModel, Thing } from './graph-model.js';
import { GraphProgram, type GraphStep, graphStep, Undo } from './graph-program.js';

const KIND_NAMES = Object.keys(KINDS) as Kind[];
const OWNED = { owner: '', tag: '', item: ', owner_id', badge: ', owner_id', leaf: ', parent_id' } as const;

/** The rows that the session's connection sees. */
function expectRows(session: Session, model: GraphModel): void {
  for (const kind of KIND_NAMES) {
    const rows = session.run(sql`select id, name ${sql.raw(OWNED[kind])} from ${sql.table(kind)} order by id`);
    expect(rows.map((row) => Object.values(row))).to.deep.equal(model.rows(kind));
  }
  const pairs = session.run(sql`select item_id, tag_id from item_tag order by item_id, tag_id`);
  expect(pairs.map((row) => Object.values(row))).to.deep.equal(model.pairs());
}

const names = (all: readonly { name: string }[]) => all.map(({ name }) => name).sort();

/** The relations of the objects that the program holds, from both sides. */
function expectGraph(session: Session, model: GraphModel): void {
  for (const kind of KIND_NAMES)
    for (const thing of model.alive(kind)) {
      expect(session.get(KINDS[kind] as typeof Owner, thing.real.id)).to.equal(thing.real);
      expect(thing.real.name).to.equal(thing.name);
    }
  for (const owner of model.alive('owner')) {
    const { items, badge } = owner.real as Owner;
    expect(names(items)).to.deep.equal(names(model.of(owner, 'item')));
    expect(badge).to.equal(model.of(owner, 'badge')[0]?.real ?? null);
  }
  const ownerOf = ({ of }: Thing) => of?.real ?? null;
  for (const item of model.alive('item')) {
    expect((item.real as Item).owner).to.equal(ownerOf(item));
    expect(names((item.real as Item).tags)).to.deep.equal(names([...item.tags]));
  }
  for (const badge of model.alive('badge')) expect((badge.real as Badge).owner).to.equal(ownerOf(badge));
  for (const tag of model.alive('tag')) {
    const tagged = model.alive('item').filter(({ tags }) => tags.has(tag));
    expect(names((tag.real as Tag).items)).to.deep.equal(names(tagged));
  }
  for (const leaf of model.alive('leaf')) {
    expect((leaf.real as Leaf).parent).to.equal(ownerOf(leaf));
    expect(names((leaf.real as Leaf).children)).to.deep.equal(names(model.of(leaf, 'leaf')));
  }
}

interface Unit {
  readonly steps: GraphStep[];
  readonly end: 'commit' | 'rollback';
}
const unit: fc.Arbitrary<Unit> = fc.record({
  steps: fc.array(graphStep, { maxLength: 14 }),
  end: fc.constantFrom('commit', 'commit', 'rollback'),
});

/** All in one session, whose objects live on. */
function runInOne(session: LocalSession, program: GraphProgram, { steps, end }: Unit): void {
  program.run(steps);
  session[end]();
  if (end === 'rollback') throw new Undo();
}

/** In a session of its own, as a pool runs it. */
function runAlone(session: LocalSession, program: GraphProgram, { steps, end }: Unit): void {
  session.call(function unit(own: Session) {
    program.enter(own);
    program.run(steps);
    if (end === 'rollback') throw new Undo();
    own.flush();
    expectRows(own, program.model);
    expectGraph(own, program.model);
  });
}

onEach('units of work, whatever they do to a graph,', (make, dialect) => {
  const numRuns = dialect === 'sqlite' ? 400 : 100;
  let db: TestDatabase;
  before(() => {
    db = make('');
  });
  after(() => db.close());

  function run(
    units: readonly Unit[],
    runUnit: typeof runInOne,
    check: (session: LocalSession, program: GraphProgram) => void,
  ) {
    using session = db.openApart('');
    createTables(session, Object.values(KINDS), { ifNotExists: true });
    session.commit();
    const program = new GraphProgram(session);
    for (const each of units) {
      const restore = program.model.save();
      try {
        runUnit(session, program, each);
      } catch (error) {
        if (!(error instanceof Undo)) throw error;
        restore();
      }
      expectRows(session, program.model);
      check(session, program);
    }
  }
  const units = fc.array(unit, { minLength: 1, maxLength: 5 });

  it('leave the database and the objects of one session as the rules say', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(units, (all) =>
        run(all, runInOne, (session, { model }) => {
          expectGraph(session, model);
          expect(db.during(() => session.commit())).to.deep.equal([]);
        }),
      ),
      { numRuns },
    );
  });

  it('leave the database and the objects of their own sessions as the rules say', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(units, (all) => run(all, runAlone, () => {})),
      { numRuns },
    );
  });
});
