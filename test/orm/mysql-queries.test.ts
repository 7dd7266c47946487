import { expect } from 'chai';
import {
  createTables,
  decimal,
  Entity,
  integer,
  type LocalSession,
  read,
  type Session,
  sql,
  text,
} from '../../lib/orm/index.js';
import { Category, SCHEMA as TREE } from './category.js';
import { onMysql, type TestDatabase, thrownBy } from './database.js';

class Sum extends Entity('total', {
  id: integer().primaryKey(),
  exact: decimal({ precision: 30, scale: 2 }),
  free: decimal(),
}) {}
class Account extends Entity('account', { number: decimal({ precision: 30, scale: 0 }).primaryKey(), owner: text() }) {}
class Cell extends Entity('cell', { left: integer().primaryKey(), right: integer().primaryKey() }) {}

onMysql('an update or deletion of rows on MySQL that are found through their own table', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(TREE);
    session = db.open();
  });
  afterEach(() => db.close());

  const left = () => db.rows('select name from category order by id').flat().join(' ');

  it('finds them first, in a table of their own', () => {
    const sent = db.during(() =>
      expect(
        session
          .query(Category)
          .where({ parent: { parentId: 1 } })
          .update({ name: 'found' }),
      ).to.equal(1),
    );
    session.commit();

    expect(sent).to.deep.equal([
      'update "category" set "name" = ? where "id" in (select "id" from (select distinct "id" from "category" where exists ' +
        '(select 1 as "found" from "category" as "parent" where "parent"."id" = "category"."parent_id" and "parent"."parent_id" = ?)) as "chosen")',
    ]);
    expect(left()).to.equal('Plants Tools Trees Herbs Saws found');
  });

  it('does so for a limit behind a relation, and for a subquery in words of Kysely', () => {
    expect(
      session
        .query(Category)
        .where({ parent: { parentId: null } })
        .orderBy('id')
        .limit(1)
        .update({ name: 'first' }),
    ).to.equal(1);
    expect(
      session
        .query(Category)
        .where((eb) => eb('id', '=', eb.selectFrom('category').select(eb.fn.max('id').as('last'))))
        .delete(),
    ).to.equal(1);
    session.commit();

    expect(left()).to.equal('Plants Tools first Herbs Saws');
  });

  it('is held to the foreign keys row by row', () => {
    expect(thrownBy(() => session.query(Category).delete())).to.include({ kind: 'foreign-key' });
    session.query(Category).update({ parentId: null });

    expect(session.query(Category).delete()).to.equal(6);
  });

  it('is one plain statement where no subquery reads it', () => {
    const sent = db.during(() =>
      session
        .query(Category)
        .where((eb) => eb('id', '>', 5))
        .delete(),
    );

    expect(sent).to.deep.equal(['delete from "category" where "id" > ?']);
  });
});

onMysql('a query on MySQL', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
    createTables(session, [Sum, Account, Cell]);
  });
  afterEach(() => db.close());

  it('compares decimals exactly, and not as doubles', () => {
    const [small, large] = ['1234567890123456789012345.67', '1234567890123456789012345.68'];
    for (const value of [small, large]) session.add(new Sum({ exact: value, free: value }));
    session.commit();

    for (const property of ['exact', 'free'] as const) {
      const ids = (operator: '=' | '!=' | '<' | '>=', value: string) =>
        session
          .query(Sum)
          .where(property, operator, value)
          .all()
          .map(({ id }) => id);
      expect([ids('=', small), ids('!=', small), ids('<', large), ids('>=', large)]).to.deep.equal([
        [1],
        [2],
        [1],
        [2],
      ]);
      expect(
        session
          .query(Sum)
          .where({ [property]: [large] })
          .one().id,
      ).to.equal(2);
    }
    expect(db.during(() => session.query(Sum).where({ exact: small }).count())).to.deep.equal([
      'select count(*) as "count" from "total" where "exact" = cast(? as decimal(30, 2))',
    ]);
  });

  it('orders decimals as numbers, whatever they are stored as', () => {
    for (const value of ['10', '9', '-1', '100.5']) session.add(new Sum({ exact: value, free: value }));
    session.commit();

    for (const property of ['exact', 'free'] as const)
      expect(
        session
          .query(Sum)
          .orderBy(property)
          .all()
          .map(({ free }) => free),
      ).to.deep.equal(['-1', '9', '10', '100.5']);
  });

  it('finds, changes and deletes by a key that no double holds', () => {
    const [one, two] = ['123456789012345678901234567890', '123456789012345678901234567891'].map((number) =>
      session.add(new Account({ number, owner: number.slice(-2) })),
    ) as [Account, Account];
    session.commit();
    one.owner = 'Ada';
    session.commit();
    session.remove(two);
    session.commit();

    const other = db.open();
    expect(
      other
        .query(Account)
        .all()
        .map(({ owner }) => owner),
    ).to.deep.equal(['Ada']);
    expect(other.get(Account, two.number)).to.equal(undefined);
  });

  it('goes along keys of two columns, from where an index finds the page before', () => {
    for (let i = 0; i < 300; i++) session.add(new Cell({ left: i % 7, right: i }));
    session.commit();
    const sent = db.during(() => {
      const seen = [...db.open().query(Cell)].map(({ right }) => right);
      expect(new Set(seen).size).to.equal(300);
    });

    expect(sent.at(-1)).to.equal(
      'select "left", "right" from "cell" where "left" >= ? and ("left", "right") > (?, ?) and ("left", "right") <= (?, ?) ' +
        'order by "left" asc, "right" asc limit ?',
    );
  });

  it('has pages in a session that reads too, so that others can run in between', () => {
    for (let i = 0; i < 600; i++) session.add(new Sum({ exact: '1', free: '1' }));
    session.commit();
    const reading = read((own: Session) => {
      let count = 0;
      for (const sum of own.query(Sum)) count += own.query(Sum).where({ id: sum.id }).count();
      return count;
    });

    const sent = db.during(() => expect(session.call(reading)).to.equal(600));
    expect(sent.filter((statement) => statement.includes('limit'))).to.have.length(4);
  });

  it('finds what is like a pattern by the case of letters, and takes a sign behind a backslash for itself', () => {
    class Word extends Entity('word', { id: integer().primaryKey(), text: text() }) {}
    createTables(session, [Word]);
    for (const each of ['Ada', 'ada', 'a_a']) session.add(new Word({ text: each }));
    session.commit();

    const like = (pattern: string) =>
      session
        .query(Word)
        .where('text', 'like', pattern)
        .all()
        .map((word) => word.text);
    expect([like('a%'), like('a\\_%')]).to.deep.equal([['ada', 'a_a'], ['a_a']]);
  });

  it('may be in any order of nulls that SQLite has: they come first', () => {
    session.run(sql`create table gap (id bigint auto_increment primary key, size bigint)`);
    class Gap extends Entity('gap', { id: integer().primaryKey(), size: integer().nullable() }) {}
    for (const size of [2, null, 1]) session.add(new Gap({ size }));
    session.commit();

    const sizes = (direction: 'asc' | 'desc') =>
      session
        .query(Gap)
        .orderBy('size', direction)
        .all()
        .map(({ size }) => size);
    expect([sizes('asc'), sizes('desc')]).to.deep.equal([
      [null, 1, 2],
      [2, 1, null],
    ]);
  });
});
