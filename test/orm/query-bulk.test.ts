import { expect } from 'chai';
import {
  EntityStateError,
  type LocalSession,
  type Query,
  ReadOnlyError,
  read,
  type Session,
  sql,
} from '../../lib/orm/index.js';
import { SCHEMA as ATLAS, City, Country, Fee, Membership } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { NOTES, Note } from './note.js';
import { Address, Order, SCHEMA, User } from './shop.js';

onEach('an update of all rows of a query', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(`${SCHEMA}${NOTES}`);
    session = db.open();
  });
  afterEach(() => db.close());

  it('is one statement, and tells how many there were', () => {
    const sent = db.during(() =>
      expect(session.query(User).where('age', '>', 30).update({ age: 1, email: null })).to.equal(2),
    );
    session.commit();

    expect(sent).to.deep.equal(['update "user" set "age" = ?, "email" = ? where "age" > ?']);
    expect(db.rows('select id from user where age = 1 and email is null')).to.deep.equal([[1], [3]]);
  });

  it('is compiled once for each form', () => {
    const texts = [1, 2].flatMap((age) => db.during(() => session.query(User).where({ id: age }).update({ age })));

    expect(new Set(texts).size).to.equal(1);
  });

  it('goes by conditions through relations, by limit and by offset', () => {
    const sent = db.during(() => {
      expect(session.query(User).where({ addresses: {} }).update({ email: 'x' })).to.equal(2);
      expect(
        session.query(User).where('id', '>', 1).orderBy('id', 'desc').limit(2).offset(1).update({ email: 'y' }),
      ).to.equal(2);
    });
    session.commit();

    expect(sent).to.deep.equal([
      'update "user" set "email" = ? where exists (select 1 as "found" from "address" as "addresses" where "addresses"."user_id" = "user"."id")',
      // MySQL reads nothing from a table that it changes, but from one that was made of it.
      dialect === 'sqlite'
        ? 'update "user" set "email" = ? where "id" in (select "id" from "user" where "id" > ? order by "id" desc limit ? offset ?)'
        : 'update "user" set "email" = ? where "id" in (select "id" from (select "id" from "user" where "id" > ? order by "id" desc limit ? offset ?) as "chosen")',
    ]);
    expect(db.rows('select email from user order by id')).to.deep.equal([['x'], ['y'], ['y'], ['dee@example.org']]);
  });

  it('takes expressions, which the database computes', () => {
    expect(
      session
        .query(User)
        .where((eb) => eb('age', '<', 30))
        .update({ age: sql<number>`age * ${2}`, email: 'e' }),
    ).to.equal(1);
    session.commit();

    expect(db.rows('select age, email from user where id = 2')).to.deep.equal([[50, 'e']]);
  });

  it('is followed by the entities that the session knows', () => {
    const [ada, bob] = [session.get(User, 1) as User, session.get(User, 2) as User];
    const { addresses } = ada;
    const sent = db.during(() =>
      expect(session.query(User).where({ age: 36 }).update({ age: sql<number>`age + 1` })).to.equal(2),
    );

    expect(sent).to.deep.equal([
      ...(dialect === 'sqlite'
        ? ['update "user" set "age" = age + 1 where "age" = ? returning "id", "name", "email", "age"']
        : [
            'update "user" set "age" = age + 1 where "age" = ?',
            'select "id", "name", "email", "age" from "user" where "id" in (?, ?) order by "id"',
          ]),
    ]);
    expect([ada.age, bob.age]).to.deep.equal([37, 25]);
    expect(ada.addresses).to.equal(addresses);
    expect(db.during(() => session.flush())).to.deep.equal([]);
  });

  it('is followed by relations over the columns that it sets', () => {
    const [ada, bob] = [session.get(User, 1) as User, session.get(User, 2) as User];
    const [north] = ada.addresses as [Address];
    expect([north.user, bob.addresses.length]).to.deep.equal([ada, 1]);
    session.query(Address).where({ userId: 1 }).update({ userId: 2 });

    expect(north.user).to.equal(bob);
    expect(ada.addresses).to.have.length(0);
    expect(bob.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South', 'East']);
  });

  it('writes before what the session has in mind', () => {
    (session.get(User, 2) as User).age = 99;
    session.add(new User({ name: 'Eve', age: 99 }));

    expect(session.query(User).where({ age: 99 }).update({ email: 'old' })).to.equal(2);
    expect(
      session
        .query(User)
        .where({ email: 'old' })
        .all()
        .map(({ name }) => name),
    ).to.deep.equal(['Bob', 'Eve']);
  });

  it('is undone by a rollback, in the entities too', () => {
    const ada = session.get(User, 1) as User;
    thrownBy(() =>
      session.savepoint(() => {
        session.query(User).update({ age: 1 });
        expect(ada.age).to.equal(1);
        throw new Error('no');
      }),
    );

    expect(ada.age).to.equal(36);
  });

  it('counts versions and notes the moment', () => {
    const note = session.get(Note, 1) as Note;
    const sent = db.during(() =>
      session
        .query(Note)
        .where({ id: [1, 2] })
        .update({ text: 'x' }),
    );

    expect(sent).to.deep.equal([
      ...(dialect === 'sqlite'
        ? [
            'update "note" set "text" = ?, "revision" = "revision" + 1, "changed" = ? where "id" in (?, ?) returning "id", "text", "length", "revision", "changed"',
          ]
        : [
            'update "note" set "text" = ?, "revision" = "revision" + 1, "changed" = ? where "id" in (?, ?)',
            'select "id", "text", "length", "revision", "changed" from "note" where "id" in (?) order by "id"',
          ]),
    ]);
    expect(note).to.include({ text: 'x', length: 1, revision: 8, changed: 'now' });
    note.text = 'y';
    session.commit();
    expect(db.rows('select text, revision from note')).to.deep.equal([
      ['y', 9],
      ['x', 6],
    ]);
  });

  it('of nothing is no statement', () => {
    expect(db.during(() => expect(session.query(User).update({})).to.equal(0))).to.deep.equal([]);
  });

  const mistakes: [what: string, ask: (session: Session) => unknown, message: string][] = [
    [
      'a key',
      (now) => now.query(User).update({ id: 7 }),
      'User.id is a key and cannot be changed. Add new entities and remove these.',
    ],
    [
      'a version',
      (now) => now.query(Note).update({ revision: 7 }),
      'Note.revision counts by itself and cannot be set. Leave it out: it goes up by one.',
    ],
    [
      'what the database computes',
      (now) => now.query(Note).update({ length: 7 } as never),
      'Note.length is computed by the database. Set what it is computed from.',
    ],
    [
      'a column that there is not',
      (now) => now.query(User).update({ nmae: 'x' } as never),
      "update(): User has no column 'nmae'. Did you mean 'name'?",
    ],
    [
      'an invalid value',
      (now) => now.query(User).update({ age: 2 ** 53 }),
      'User.age takes a safe integer, not 9007199254740992.',
    ],
    [
      'null where there has to be a value',
      (now) => now.query(User).update({ name: null as never }),
      'User.name takes a value: the column is not nullable(), not null.',
    ],
  ];
  for (const [what, ask, message] of mistakes) {
    it(`refuses ${what}, before any SQL`, () => {
      expect(db.during(() => expect(thrownBy(() => ask(session)).message).to.equal(message))).to.deep.equal([]);
    });
  }

  it('is refused in a session that only reads', () => {
    const update = read((reading: Session) => reading.query(User).update({ age: 1 }));

    expect(thrownBy(() => session.call(update)))
      .to.be.instanceOf(ReadOnlyError)
      .and.include({ wrote: 'an update of User' });
  });
});

onEach('a deletion of all rows of a query', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  type Case = [what: string, ask: (addresses: Query<Address>) => Query<Address>, sql: string, left: string];
  const cases: Case[] = [
    ['all', (addresses) => addresses, 'delete from "address"', ''],
    ['a comparison', (addresses) => addresses.where({ userId: 1 }), 'delete from "address" where "user_id" = ?', '3 4'],
    [
      'a relation',
      (addresses) => addresses.where({ user: null }),
      'delete from "address" where not exists (select 1 as "found" from "user" as "user" where "user"."id" = "address"."user_id")',
      '1 2 3',
    ],
    [
      'the last two',
      (addresses) => addresses.orderBy('id', 'desc').limit(2),
      dialect === 'sqlite'
        ? 'delete from "address" where "id" in (select "id" from "address" order by "id" desc limit ?)'
        : 'delete from "address" order by "id" desc limit ?',
      '1 2',
    ],
    [
      'words of Kysely',
      (addresses) => addresses.where((eb) => eb.or([eb('id', '=', 1), eb('street', '=', 'East')])),
      'delete from "address" where ("id" = ? or "street" = ?)',
      '2 4',
    ],
  ];
  for (const [what, ask, sqlText, left] of cases) {
    it(`is one statement, and tells how many there were: ${what}`, () => {
      const remaining = left === '' ? [] : left.split(' ').map(Number);
      const sent = db.during(() => expect(ask(session.query(Address)).delete()).to.equal(4 - remaining.length));
      session.commit();

      expect(sent).to.deep.equal([sqlText]);
      expect(db.rows('select id from address order by id').flat()).to.deep.equal(remaining);
    });
  }

  it('is never of all rows because a condition says nothing: an array, a map, a moment', () => {
    for (const nothing of [[], new Map([['id', 1]]), new Set([1]), new Date(), /1/, Object.create({ id: 1 })]) {
      const whole = () =>
        session
          .query(User)
          .where(nothing as object)
          .delete();
      expect(whole).to.throw(TypeError, /^where\(\) takes an object, /);
      const related = () =>
        session
          .query(User)
          .where({ addresses: nothing as object })
          .delete();
      expect(related).to.throw(TypeError, /^User\.addresses takes /);
      const changed = () => session.query(User).update(nothing as object);
      expect(changed).to.throw(TypeError, /^update\(\) takes an object of columns and their new values, /);
    }
    expect(session.query(User).where({}).count()).to.equal(4);
    expect(session.query(User).where(Object.create(null)).count()).to.equal(4);
  });

  it('detaches the entities that the session knows', () => {
    const ada = session.get(User, 1) as User;
    const [north, south] = ada.addresses as [Address, Address];
    const east = session.get(Address, 3) as Address;
    const sent = db.during(() =>
      expect(
        session
          .query(Address)
          .where({ id: [1, 3] })
          .delete(),
      ).to.equal(2),
    );

    const deleted = 'delete from "address" where "id" in (?, ?)';
    const left = 'select "id", "user_id", "street" from "address" where "id" in (?, ?, ?, ?) order by "id"';
    expect(sent).to.deep.equal(dialect === 'sqlite' ? [`${deleted} returning "id"`] : [deleted, left]);
    expect(ada.addresses).to.deep.equal([south]);
    expect(session.get(Address, 1)).to.equal(undefined);
    expect(() => session.remove(north)).to.throw(EntityStateError, 'is detached');
    expect(() => session.refresh(east)).to.throw(EntityStateError, 'is detached');
    expect(db.during(() => session.commit())).to.have.length(0);
  });

  it('gives them back when it is undone', () => {
    const north = session.get(Address, 1) as Address;
    thrownBy(() =>
      session.savepoint(() => {
        session.query(Address).delete();
        throw new Error('no');
      }),
    );

    expect(session.get(Address, 1)).to.equal(north);
    north.street = 'again';
    session.commit();
    expect(db.rows('select street from address where id = 1')).to.deep.equal([['again']]);
  });

  it('writes before what would be in its way', () => {
    for (const order of session.query(Order).where({ userId: 3 })) order.user = session.get(User, 1) as User;

    expect(session.query(User).where({ id: 3 }).delete()).to.equal(1);
  });

  it('is refused by the foreign keys of others, as the database has them', () => {
    expect(thrownBy(() => session.query(User).where({ id: 1 }).delete())).to.include({ kind: 'foreign-key' });
  });

  it('is refused in a session that only reads', () => {
    const remove = read((reading: Session) => reading.query(Address).delete());

    expect(thrownBy(() => session.call(remove)))
      .to.be.instanceOf(ReadOnlyError)
      .and.include({ wrote: 'a deletion of Address' });
  });
});

onEach('an update or deletion of entities with keys of several columns', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(ATLAS);
    session = db.open();
  });
  afterEach(() => db.close());

  it('goes by limit', () => {
    const sent = db.during(() =>
      expect(session.query(Membership).orderBy('since').limit(2).update({ since: 1900 })).to.equal(2),
    );

    expect(sent).to.deep.equal([
      dialect === 'sqlite'
        ? 'update "membership" set "since" = ? where ("country_code", "union_id") in (select "country_code", "union_id" from "membership" order by "since" asc limit ?)'
        : 'update "membership" set "since" = ? order by "since" asc limit ?',
    ]);
  });

  it('is followed by relations through them', () => {
    const austria = session.query(Country).where({ code: 'AT' }).with('unions', 'memberships').one();
    expect([austria.unions.length, austria.memberships.length]).to.deep.equal([1, 1]);
    session.query(Fee).delete();
    session.query(Membership).where({ countryCode: 'AT' }).delete();

    expect([austria.unions.length, austria.memberships.length]).to.deep.equal([0, 0]);
  });

  it('leaves loaded relations alone that it does not concern', () => {
    const austria = session.query(Country).where({ code: 'AT' }).with('cities').one();
    const { cities } = austria;
    session.query(City).update({ size: sql<number>`size + 1` });

    expect(austria.cities).to.equal(cities);
    expect(cities.map(({ size }) => size)).to.deep.equal([2001, 301]);
  });
});
