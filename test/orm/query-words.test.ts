import { expect } from 'chai';
import { type LocalSession, type Query, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const USER = 'select "id", "name", "email", "age" from "user"';

onEach("a condition in the words of Kysely's expression builder", (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  type Case = [what: string, ask: (users: Query<User, 'user'>) => Query<User, 'user'>, names: string, sql: string];
  const cases: Case[] = [
    [
      'says or',
      (users) => users.where((eb) => eb.or([eb('age', '<', 30), eb('name', '=', 'Dee')])),
      'Bob Dee',
      `${USER} where ("age" < ? or "name" = ?)`,
    ],
    [
      'stands among others, with its values in their places',
      (users) =>
        users
          .where('id', '<', 4)
          .where((eb) => eb.not(eb('user.age', '=', 36)))
          .where({ name: ['Bob', 'Ada'] })
          .limit(5),
      'Bob',
      `${USER} where "id" < ? and not "user"."age" = ? and "name" in (?, ?) limit ?`,
    ],
    [
      'compares columns',
      (users) => users.where((eb) => eb('name', '<', eb.ref('email'))),
      'Ada Dee',
      `${USER} where "name" < "email"`,
    ],
    [
      'calls functions',
      (users) => users.where((eb) => eb(eb.fn('length', ['email']), '>', 3)),
      'Ada Dee',
      `${USER} where length("email") > ?`,
    ],
    ['is SQL text', (users) => users.where(() => sql<boolean>`age % ${2} = ${1}`), 'Bob', `${USER} where age % ? = ?`],
  ];
  for (const [what, ask, names, text] of cases) {
    it(what, () => {
      let found: User[] = [];
      expect(db.during(() => (found = ask(session.query(User)).all()))).to.deep.equal([text]);
      expect(found.map(({ name }) => name).join(' ')).to.equal(names);
      expect(ask(session.query(User)).count()).to.equal(found.length);
      expect(ask(session.query(User)).exists()).to.equal(true);
      expect([...ask(session.query(User))].map(({ name }) => name).join(' ')).to.equal(names);
    });
  }

  it('has the names that columns have in SQL', () => {
    expect(
      session
        .query(Address)
        .where((eb) => eb('user_id', 'is', null))
        .one().street,
    ).to.equal('Nowhere');
  });

  it('is an expression: a comparison of JavaScript, or none at all, is refused', () => {
    for (const [said, shown] of [
      [true, 'true'],
      [undefined, 'undefined'],
      [{ name: 'Ada' }, 'an object (Object)'],
    ] as const)
      expect(() =>
        session
          .query(User)
          .where(() => said as never)
          .all(),
      ).to.throw(
        TypeError,
        `where() takes an expression from its function, such as (eb) => eb('age', '>', 3), not ${shown}.`,
      );
  });

  it('sees all that was changed before it, since nobody knows where it looks', () => {
    (session.get(Address, 4) as Address).userId = 4;
    const users = session.query(User).where(() => sql<boolean>`exists (select 1 from address where user_id = user.id)`);

    expect(
      users
        .orderBy('id')
        .all()
        .map(({ name }) => name),
    ).to.deep.equal(['Ada', 'Bob', 'Dee']);
  });
});
