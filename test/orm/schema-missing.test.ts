import { expect } from 'chai';
import {
  createTables,
  DatabaseError,
  Entity,
  integer,
  type LocalSession,
  SchemaError,
  sql,
  text,
} from '../../lib/orm/index.js';
import { Country, Language } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, User } from './shop.js';

class Renamed extends Entity('user', {
  id: integer().primaryKey(),
  name: text(),
  phone: text('phone_number').nullable(),
  town: text().nullable(),
}) {}

onEach('an entity that the database lacks a table or a column of', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
  });
  afterEach(() => db.close());

  const uses: [how: string, use: (session: LocalSession, entity: typeof User) => unknown][] = [
    ['get()', (own, entity) => own.get(entity, 1)],
    ['query()', (own, entity) => own.query(entity).where({ name: 'Ada' }).all()],
    ['count()', (own, entity) => own.query(entity).where({ name: 'Ada' }).limit(3).all()],
    ['iterate()', (own, entity) => [...own.query(entity).iterate()]],
    ['a flush', (own, entity) => own.transaction((inner) => void inner.add(new entity({ name: 'Ada' })))],
  ];
  for (const [how, use] of uses) {
    it(`is told of the table, in ${how}`, () => {
      const error = thrownBy(() => use(session, User));

      expect(error)
        .to.be.instanceOf(SchemaError)
        .and.include({
          code: 'OFFTHREAD_SCHEMA',
          entity: 'User',
          table: 'user',
          message:
            "The database has no table 'user' for User. " +
            'Make it by a migration, or with createTables(session, entities); or check the path of the database.',
        });
      expect(error.cause).to.be.instanceOf(DatabaseError).and.include({ kind: 'syntax' });
    });

    it(`is told of the columns, by their names in SQL, in ${how}`, () => {
      createTables(session, [User]);
      session.commit();

      expect(thrownBy(() => use(session, Renamed as never)))
        .to.be.instanceOf(SchemaError)
        .and.include({
          message:
            "The table 'user' has no columns 'phone_number', 'town' for Renamed. " +
            "Add what is missing by a migration, or say how it is called there: text('its_name').",
        });
    });
  }

  it('is told of a table that only a relation needs', () => {
    createTables(session, [User]);
    const ada = session.add(new User({ name: 'Ada' }));
    session.commit();

    expect(() => ada.addresses).to.throw(SchemaError, "The database has no table 'address' for Address.");
    createTables(session, [Address]);
    expect(ada.addresses).to.deep.equal([]);
  });

  it('is told of a table of pairs, by the relation', () => {
    createTables(session, [Country, Language]);
    db.during(() => session.run(sql`drop table spoken`));
    const country = session.add(new Country({ code: 'AT', name: 'Austria' }));
    session.commit();

    expect(() => country.languages).to.throw(SchemaError, "The database has no table 'spoken' for Country.languages.");
  });

  it('is not blamed for SQL that is wrong by itself', () => {
    createTables(session, [User]);

    expect(() => session.run(sql`select absent from user`)).to.throw(
      DatabaseError,
      dialect === 'sqlite' ? 'no such column: absent' : "Unknown column 'absent'",
    );
  });

  it('does not mind the case of a name, as SQLite does not, nor a view', () => {
    db.outside.exec('create table people (ID integer primary key, NAME text, PHONE_NUMBER text, Town text)');
    db.outside.exec('create view user as select * from people');

    expect(session.query(Renamed).all()).to.deep.equal([]);
  });
});
