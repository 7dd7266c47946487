import { expect } from 'chai';
import { type LocalSession, NoResultError, type Query } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { SCHEMA, User } from './shop.js';

// Ada 36, Bob 25 without an address, Cyd 36 without an address, Dee without an age.
type Case = [what: string, ask: (users: Query<User>) => Query<User>, names: string];
const cases: Case[] = [
  ['everything', (users) => users, 'Ada Bob Cyd Dee'],
  ['what equals a column', (users) => users.where({ age: 36 }), 'Ada Cyd'],
  ['what equals several columns', (users) => users.where({ age: 36, name: 'Cyd' }), 'Cyd'],
  ['what is null', (users) => users.where({ email: null }), 'Bob Cyd'],
  ['what is one of an array', (users) => users.where({ age: [25, 36] }), 'Ada Bob Cyd'],
  [
    'what is one of an array or null, where null is in the array',
    (users) => users.where({ age: [25, null] }),
    'Bob Dee',
  ],
  ['nothing for an empty array', (users) => users.where({ age: [] }), ''],
  ['what is not', (users) => users.where('name', '!=', 'Ada'), 'Bob Cyd Dee'],
  ['what is not null', (users) => users.where('email', '!=', null), 'Ada Dee'],
  ['what is less', (users) => users.where('age', '<', 36), 'Bob'],
  ['what is less or equal', (users) => users.where('age', '<=', 36), 'Ada Bob Cyd'],
  ['what is greater', (users) => users.where('age', '>', 25), 'Ada Cyd'],
  ['what is greater or equal', (users) => users.where('age', '>=', 36), 'Ada Cyd'],
  ['what is like a pattern', (users) => users.where('name', 'like', '%d_'), 'Ada'],
  ['what is not like a pattern', (users) => users.where('name', 'not like', '%d_'), 'Bob Cyd Dee'],
  ['what is in a list', (users) => users.where('name', 'in', ['Ada', 'Dee']), 'Ada Dee'],
  ['what fits two conditions on a column', (users) => users.where('id', '>', 1).where('id', '<', 4), 'Bob Cyd'],
  ['an order', (users) => users.orderBy('name', 'desc'), 'Dee Cyd Bob Ada'],
  ['an order by two columns, nulls first', (users) => users.orderBy('age').orderBy('name', 'desc'), 'Dee Bob Cyd Ada'],
  ['a limit', (users) => users.limit(2), 'Ada Bob'],
  ['a limit of 0', (users) => users.limit(0), ''],
  ['a limit and an offset', (users) => users.limit(2).offset(1), 'Bob Cyd'],
  ['an offset alone', (users) => users.offset(3), 'Dee'],
  ['an offset behind the end', (users) => users.offset(9), ''],
];

onEach('a query answers', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const users = () => session.query(User);

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  for (const [what, ask, names] of cases) {
    it(`${what}, the same through all(), iterate() and first()`, () => {
      const all = ask(users()).all();
      expect(all.map(({ name }) => name).join(' ')).to.equal(names);
      expect([...ask(users()).iterate()]).to.deep.equal(all);
      expect(ask(users()).first()).to.equal(all[0]);
      expect(ask(users()).exists()).to.equal(ask(users()).count() > 0);
    });
  }

  it('what is one of a long array, of whatever length', () => {
    for (const length of [3, 255, 5000, 32_000]) {
      const ids = Array.from({ length }, (_, i) => i + 3);
      expect(
        users()
          .where({ id: ids })
          .all()
          .map(({ name }) => name),
      ).to.deep.equal(['Cyd', 'Dee']);
    }
  });

  it('first() with undefined where there is none', () => {
    expect(users().where({ name: 'Eve' }).first()).to.equal(undefined);
  });

  it('first() behind an offset', () => {
    expect(users().orderBy('name').offset(2).first()?.name).to.equal('Cyd');
  });

  it('one() with the only one', () => {
    expect(users().where({ name: 'Bob' }).one().id).to.equal(2);
  });

  for (const [found, name] of [
    ['none', 'Eve'],
    ['more than one', 'Ada'],
  ] as const) {
    it(`one() with an error where it finds ${found}`, () => {
      const query = users().where('name', 'like', found === 'none' ? name : '%');

      expect(thrownBy(() => query.one()))
        .to.be.instanceOf(NoResultError)
        .and.include({
          code: 'OFFTHREAD_NO_RESULT',
          entity: 'User',
          found,
          message:
            `one() found ${found} of User, and promises exactly one. ` +
            'Use first() where there may be none, or all() where there may be several.',
        });
    });
  }

  it('count() with a number and exists() with a boolean', () => {
    expect([users().count(), users().where({ age: 36 }).count(), users().where({ age: 1 }).count()]).to.deep.equal([
      4, 2, 0,
    ]);
    expect([users().where({ age: 36 }).exists(), users().where({ age: 1 }).exists()]).to.deep.equal([true, false]);
  });

  it('count() whatever limit and offset say', () => {
    expect(users().limit(1).offset(1).count()).to.equal(4);
  });

  it('iterate() one after the other, and a break leaves nothing open that would hinder a commit', () => {
    for (const user of users().orderBy('id').iterate()) {
      user.age = 100;
      if (user.id === 2) break;
    }

    session.commit();
    expect(db.rows('select id from user where age = 100')).to.deep.equal([[1], [2]]);
  });

  it('iterate() that was begun and left, and both commit and rollback work', () => {
    const begun = users().iterate();
    expect(begun.next().value?.name).to.equal('Ada');
    session.add(new User({ name: 'Eve' }));
    session.commit();
    expect(begun.next().value?.name).to.equal('Bob');
    session.add(new User({ name: 'Flo' }));
    session.flush();
    session.rollback();

    expect(users().count()).to.equal(5);
  });

  it('iterate() with every row, also over several pages, in which relations load together', () => {
    db.outside.exec('delete from "order"; delete from address; delete from user');
    db.outside.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 600)
      insert into user select i, 'user ' || i, null, i from n`);
    const ids: number[] = [];
    const sent = db.during(() => {
      for (const { id, addresses } of users().orderBy('id', 'desc').iterate()) ids.push(id + addresses.length);
    });

    expect(ids).to.deep.equal(Array.from({ length: 600 }, (_, i) => 600 - i));
    expect(sent.filter((sql) => sql.includes('"address"'))).to.have.length(3);
  });

  const misused: [what: string, ask: (query: Query<User>) => unknown, kind: typeof Error, message: string][] = [
    [
      'an operator that is none',
      (query) => query.where('name', 'ilike' as '=', 'x'),
      TypeError,
      "The operator of where() takes one of =, !=, <, <=, >, >=, like, not like, in, not in, not 'ilike'.",
    ],
    [
      'no array after in',
      (query) => query.where('name', 'in', 'Ada' as never),
      TypeError,
      "User.name takes an array after 'in', not 'Ada'.",
    ],
    [
      'an object as a value',
      (query) => query.where({ name: { like: 'x' } as never }),
      TypeError,
      'User.name takes a string, not an object (Object).',
    ],
    [
      'undefined as a value',
      (query) => query.where({ name: undefined as never }),
      TypeError,
      'User.name takes a value: the column is not nullable(), not undefined.',
    ],
    [
      'undefined for a nullable column',
      (query) => query.where({ email: undefined as never }),
      TypeError,
      'User.email takes a value or null, not undefined.',
    ],
    [
      'a direction that is none',
      (query) => query.orderBy('name', 'up' as never),
      TypeError,
      "The direction of orderBy() takes 'asc' or 'desc', not 'up'.",
    ],
    ['a negative limit', (query) => query.limit(-1), RangeError, 'limit() takes a whole number from 0, not -1.'],
    ['half a row', (query) => query.limit(1.5), RangeError, 'limit() takes a whole number from 0, not 1.5.'],
    ['a negative offset', (query) => query.offset(-1), RangeError, 'offset() takes a whole number from 0, not -1.'],
  ];
  for (const [what, ask, kind, message] of misused) {
    it(`an error to ${what}`, () => {
      expect(thrownBy(() => ask(users())))
        .to.be.instanceOf(kind)
        .and.include({ message, code: 'OFFTHREAD_VALUE' });
    });
  }
});
