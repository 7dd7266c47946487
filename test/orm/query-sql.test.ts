import { expect } from 'chai';
import type { LocalSession, Query } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { SCHEMA, User } from './shop.js';

const USER = 'select "id", "name", "email", "age" from "user"';

type Case = [what: string, ask: (users: Query<User>) => unknown, sql: string];
const cases: Case[] = [
  ['all()', (users) => users.all(), USER],
  ['a loop over the query, which goes along the keys', (users) => [...users], `${USER} order by "id" asc limit ?`],
  ['first()', (users) => users.first(), `${USER} limit ?`],
  [
    'one(), which takes a second row to know',
    (users) => users.where({ id: 1 }).one(),
    `${USER} where "id" = ? limit ?`,
  ],
  ['an object', (users) => users.where({ name: 'Ada', age: 36 }).all(), `${USER} where "name" = ? and "age" = ?`],
  ['an object without a column', (users) => users.where({}).all(), USER],
  ['null', (users) => users.where({ email: null }).all(), `${USER} where "email" is null`],
  ['an array', (users) => users.where({ age: [25, 36] }).all(), `${USER} where "age" in (?, ?)`],
  [
    'an array, in one of few lengths, so that few texts serve all of them',
    (users) => users.where({ age: [25, 36, 41] }).all(),
    `${USER} where "age" in (?, ?, ?, ?)`,
  ],
  [
    'an array with null in it',
    (users) => users.where({ age: [25, null] }).all(),
    `${USER} where ("age" in (?) or "age" is null)`,
  ],
  [
    'two where()',
    (users) => users.where({ age: 36 }).where('name', '>', 'B').all(),
    `${USER} where "age" = ? and "name" > ?`,
  ],
  ['= null', (users) => users.where('email', '=', null).all(), `${USER} where "email" is null`],
  ['!= null', (users) => users.where('email', '!=', null).all(), `${USER} where "email" is not null`],
  ['in', (users) => users.where('name', 'in', ['Ada']).all(), `${USER} where "name" in (?)`],
  [
    'an order',
    (users) => users.orderBy('age', 'desc').orderBy('name').all(),
    `${USER} order by "age" desc, "name" asc`,
  ],
  ['limit', (users) => users.limit(2).all(), `${USER} limit ?`],
  ['limit and offset', (users) => users.limit(2).offset(1).all(), `${USER} limit ? offset ?`],
  ['offset alone', (users) => users.offset(1).all(), `${USER} limit ? offset ?`],
  [
    'everything together',
    (users) => users.where('age', '>=', 25).orderBy('name').limit(2).offset(1).all(),
    `${USER} where "age" >= ? order by "name" asc limit ? offset ?`,
  ],
  ['count()', (users) => users.count(), 'select count(*) as "count" from "user"'],
  [
    'count(), which no order and no limit changes',
    (users) => users.where({ age: 36 }).orderBy('name').limit(1).offset(1).count(),
    'select count(*) as "count" from "user" where "age" = ?',
  ],
  ['exists()', (users) => users.where({ age: 36 }).exists(), 'select 1 as "found" from "user" where "age" = ? limit ?'],
];

onEach('the SQL of a query', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  before(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  after(() => db.close());

  const comparisons = (['=', '!=', '<', '<=', '>', '>=', 'like'] as const).map(
    (operator): Case => [
      operator,
      (users) => users.where('name', operator, 'x').all(),
      `${USER} where "name" ${operator} ?`,
    ],
  );
  const nothing = dialect === 'sqlite' ? '"age" in ()' : '0 = 1';
  const empty: Case = ['an empty array', (users) => users.where({ age: [] }).all(), `${USER} where ${nothing}`];
  for (const [what, ask, sql] of [...cases, ...comparisons, empty]) {
    it(`is one statement for ${what}`, () => {
      expect(db.during(() => ask(session.query(User)))).to.deep.equal([sql]);
    });
  }

  it('is not sent before the query is ended', () => {
    const sent = db.during(() => session.query(User).where({ age: 36 }).orderBy('name').limit(1).with('addresses'));

    expect(sent).to.deep.equal([]);
  });

  it('holds no value, whatever the value is', () => {
    const hostile = `'"; drop table user; --`;
    expect(db.during(() => session.query(User).where({ name: hostile }).all())).to.deep.equal([
      `${USER} where "name" = ?`,
    ]);
    expect(session.query(User).count()).to.equal(4);
  });

  it('loads relations ahead with one statement for each step of a path', () => {
    const sent = db.during(() => session.query(User).orderBy('id').with('addresses.user', 'orders').all());

    expect(sent).to.deep.equal([
      `${USER} order by "id" asc`,
      'select "id", "user_id", "street" from "address" where "user_id" in (?, ?, ?, ?) order by "id"',
      'select "id", "user_id", "total" from "order" where "user_id" in (?, ?, ?, ?) order by "id"',
    ]);
  });
});
