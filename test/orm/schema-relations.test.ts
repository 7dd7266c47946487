import { expect } from 'chai';
import {
  belongsTo,
  createTables,
  DatabaseError,
  dropTables,
  Entity,
  hasMany,
  hasOne,
  integer,
  type LocalSession,
  MappingError,
  sql,
  text,
} from '../../lib/orm/index.js';
import * as atlas from './atlas.js';
import { Author } from './author.js';
import { Book } from './book.js';
import { Category } from './category.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, Order, User } from './shop.js';

const id = integer().primaryKey();

/** Each needs the other: a department its head, an employee the department. */
class Department extends Entity('department', { id, headId: integer('head_id').nullable() }) {
  declare head: Employee | null;
  static relations = { head: belongsTo(() => Employee, 'headId') };
}
class Employee extends Entity('employee', { id, departmentId: integer('department_id') }) {
  declare department: Department;
  static relations = { department: belongsTo(() => Department, 'departmentId') };
}

const isTable = (statement: string): boolean => statement.startsWith('create table');

onEach('createTables, of relations', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
  });
  afterEach(() => db.close());
  const created = (entities: Parameters<typeof createTables>[1]): string[] =>
    db.during(() => createTables(session, entities));

  if (dialect === 'sqlite')
    it('makes one foreign key of both sides, with an index, parents before children', () => {
      expect(created([Order, Address, User])).to.deep.equal([
        'create table "user" ("id" integer primary key, "name" text not null unique, "email" text, "age" integer) strict',
        'create table "order" ("id" integer primary key, "user_id" integer not null, "total" integer default 0 not null, ' +
          'constraint "fk_order__user_id" foreign key ("user_id") references "user" ("id")) strict',
        'create index "ix_order__user_id" on "order" ("user_id")',
        'create table "address" ("id" integer primary key, "user_id" integer, "street" text not null, ' +
          'constraint "fk_address__user_id" foreign key ("user_id") references "user" ("id")) strict',
        'create index "ix_address__user_id" on "address" ("user_id")',
      ]);
    });

  if (dialect === 'sqlite')
    it('makes the foreign key of either side alone', () => {
      class Room extends Entity('room', { id, houseId: integer() }) {}
      class House extends Entity('house', { id }) {
        static relations = { rooms: hasMany(() => Room, 'houseId') };
      }
      class Door extends Entity('door', { id, houseId: integer() }) {
        static relations = { house: belongsTo(() => House, 'houseId') };
      }
      expect(created([Room, House, Door]).filter(isTable)).to.deep.equal([
        'create table "house" ("id" integer primary key) strict',
        'create table "room" ("id" integer primary key, "houseId" integer not null, ' +
          'constraint "fk_room__houseId" foreign key ("houseId") references "house" ("id")) strict',
        'create table "door" ("id" integer primary key, "houseId" integer not null, ' +
          'constraint "fk_door__houseId" foreign key ("houseId") references "house" ("id")) strict',
      ]);
    });

  it('takes entities over two files that need each other, and a tree', () => {
    created([Book, Author, Category]);
    session.commit();
    dropTables(session, [Book, Author, Category]);
    session.commit();

    expect(db.tables()).to.deep.equal([]);
  });

  if (dialect === 'sqlite')
    it('makes tables of pairs, and foreign keys of several columns', () => {
      const statements = created(atlas);

      const pairs = statements.slice(statements.findIndex((statement) => statement.includes('create table "spoken"')));
      expect(pairs).to.deep.equal([
        'create table "spoken" ("country_code" text not null, "language_id" integer not null, ' +
          'constraint "pk_spoken" primary key ("country_code", "language_id"), ' +
          'constraint "fk_spoken__country_code" foreign key ("country_code") references "country" ("code") on delete cascade, ' +
          'constraint "fk_spoken__language_id" foreign key ("language_id") references "language" ("id") on delete cascade) strict',
        'create index "ix_spoken__language_id" on "spoken" ("language_id")',
        'create table "border" ("country_code" text not null, "neighbour_code" text not null, ' +
          'constraint "pk_border" primary key ("country_code", "neighbour_code"), ' +
          'constraint "fk_border__country_code" foreign key ("country_code") references "country" ("code") on delete cascade, ' +
          'constraint "fk_border__neighbour_code" foreign key ("neighbour_code") references "country" ("code") on delete cascade) strict',
        'create index "ix_border__neighbour_code" on "border" ("neighbour_code")',
      ]);
      const ofFees = statements.filter((statement) => statement.includes('fee'));
      expect(ofFees).to.deep.equal([
        'create table "fee" ("id" integer primary key, "country_code" text, "union_id" integer, "year" integer not null, ' +
          'constraint "fk_fee__country_code_union_id" foreign key ("country_code", "union_id") ' +
          'references "membership" ("country_code", "union_id")) strict',
        'create index "ix_fee__country_code_union_id" on "fee" ("country_code", "union_id")',
      ]);
      session.commit();
      dropTables(session, atlas);
      session.commit();
      expect(db.tables()).to.deep.equal([]);
    });

  it('lets the database do with children what the relation says, for who deletes past the session', () => {
    createTables(session, atlas);
    session.add(new atlas.Country({ code: 'AT', name: 'Austria' }));
    session.add(new atlas.City({ id: 1, countryCode: 'AT', name: 'Graz' }));
    session.add(new atlas.Twin({ id: 1, cityId: 1, name: 'Pula' }));
    session.flush();

    session.run(sql`delete from country`);
    expect(session.run(sql`select (select count(*) from city) as cities, city_id from twin`)).to.deep.equal([
      { cities: 0, city_id: null },
    ]);
    session.add(new atlas.Country({ code: 'AT', name: 'Austria' }));
    session.run(sql`insert into city values (2, 'AT', 'Wien', 0)`);
    session.run(sql`insert into street values (1, 2, 'Ring')`);
    expect(thrownBy(() => session.run(sql`delete from city`))).to.include({ kind: 'foreign-key' });
  });

  if (dialect === 'sqlite')
    it('makes the key of a hasOne unique where it is not so already', () => {
      class Passport extends Entity('passport', { id, userId: integer('user_id') }) {}
      class Badge extends Entity('badge', { userId: integer('user_id').primaryKey() }) {}
      class Holder extends Entity('holder', { id }) {
        static relations = { passport: hasOne(() => Passport, 'userId'), badge: hasOne(() => Badge, 'userId') };
      }
      expect(created([Passport, Badge, Holder])).to.deep.equal([
        'create table "holder" ("id" integer primary key) strict',
        'create table "passport" ("id" integer primary key, "user_id" integer not null, ' +
          'constraint "uq_passport__user_id" unique ("user_id"), ' +
          'constraint "fk_passport__user_id" foreign key ("user_id") references "holder" ("id")) strict',
        'create table "badge" ("user_id" integer primary key, ' +
          'constraint "fk_badge__user_id" foreign key ("user_id") references "holder" ("id")) strict',
      ]);
    });

  if (dialect === 'sqlite')
    it('makes no second index where a key or another index begins with the foreign key', () => {
      class Line extends Entity(
        'line',
        {
          orderId: integer('order_id').primaryKey(),
          number: integer().primaryKey(),
          userId: integer(),
          twice: integer().index(),
        },
        { indexes: [['userId', 'number'], ['twice']] },
      ) {
        static relations = {
          order: belongsTo(() => Order, 'orderId'),
          user: belongsTo(() => User, 'userId'),
          other: belongsTo(() => User, 'twice'),
        };
      }
      expect(created([Line]).filter((statement) => !isTable(statement))).to.deep.equal([
        'create index "ix_line__twice" on "line" ("twice")',
        'create index "ix_line__userId_number" on "line" ("userId", "number")',
      ]);
    });

  it('makes foreign keys of columns that name a table, a column or an entity', () => {
    class Note extends Entity('note', {
      id,
      author: integer().references('user'),
      name: text().references('user.name'),
      order: integer().references(() => Order),
    }) {}
    const [, , note] = created([Note, User, Order]).filter(isTable);
    if (dialect === 'sqlite')
      expect(note).to.equal(
        'create table "note" ("id" integer primary key, "author" integer not null, "name" text not null, "order" integer not null, ' +
          'constraint "fk_note__author" foreign key ("author") references "user" ("id"), ' +
          'constraint "fk_note__name" foreign key ("name") references "user" ("name"), ' +
          'constraint "fk_note__order" foreign key ("order") references "order" ("id")) strict',
      );
    session.commit();
    expect(thrownBy(() => session.run(sql`insert into note values (1, 7, 'Ada', 1)`))).to.include({
      kind: 'foreign-key',
    });
  });

  it('asks for the column where a column names a table that it does not know', () => {
    class Note extends Entity('note', { id, author: integer().references('user') }) {}

    expect(() => createTables(session, [Note])).to.throw(
      MappingError,
      "Note is not mapped rightly: Note.author references 'user', whose key of one column is not known. " +
        "Name the column too: references('user.id').",
    );
  });

  it('makes one foreign key of several columns that each name their part, where a relation says that they belong together', () => {
    class Bill extends Entity('bill', { house: integer().primaryKey(), no: integer().primaryKey() }) {}
    class Line extends Entity('line', {
      house: integer().primaryKey().references('bill.house'),
      no: integer()
        .primaryKey()
        .references(() => Bill),
      at: integer().primaryKey(),
    }) {
      declare bill: Bill;
      static relations = { bill: belongsTo(() => Bill, ['house', 'no']) };
    }
    createTables(session, [Line, Bill]);
    const line = session.add(new Line({ at: 3 }));
    line.bill = new Bill({ house: 1, no: 2 });
    session.commit();
    expect(db.rows('select house, no, at from line')).to.deep.equal([[1, 2, 3]]);
    expect(thrownBy(() => session.run(sql`insert into line values (1, 9, 3)`))).to.include({ kind: 'foreign-key' });
  });

  it('refuses a reference to a part of a key that no relation completes', () => {
    class Bill extends Entity('bill', { house: integer().primaryKey(), no: integer().primaryKey() }) {}
    class Line extends Entity('line', { id: integer().primaryKey(), house: integer().references('bill.house') }) {}
    expect(() => createTables(session, [Bill, Line])).to.throw(
      MappingError,
      "Line is not mapped rightly: Line.house references 'bill', whose key has 2 columns. " +
        "Say all of them by a relation: belongsTo(() => …, ['house', …]).",
    );
  });

  it('makes and drops tables that need each other in a circle, with rows in them', () => {
    createTables(session, [Department, Employee]);
    session.run(sql`insert into department values (1, null)`);
    session.run(sql`insert into employee values (1, 1)`);
    session.run(sql`update department set head_id = 1`);
    session.commit();
    createTables(session, [Department, Employee], { ifNotExists: true });

    dropTables(session, [Employee, Department]);
    session.commit();
    expect(db.tables()).to.deep.equal([]);
  });

  if (dialect === 'sqlite')
    it('makes tables that need each other in a circle', () => {
      expect(created([Department, Employee]).filter(isTable)).to.deep.equal([
        'create table "employee" ("id" integer primary key, "department_id" integer not null, ' +
          'constraint "fk_employee__department_id" foreign key ("department_id") references "department" ("id")) strict',
        'create table "department" ("id" integer primary key, "head_id" integer, ' +
          'constraint "fk_department__head_id" foreign key ("head_id") references "employee" ("id")) strict',
      ]);
    });
});

onEach('dropTables', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
  });
  afterEach(() => db.close());

  it('drops children first, with all that is in them', () => {
    createTables(session, [User, Address, Order]);
    session.run(sql`insert into user values (1, 'Ada', null, null)`);
    session.run(sql`insert into address values (1, 1, 'North')`);
    session.commit();

    expect(db.during(() => dropTables(session, [User, Address, Order]))).to.deep.equal([
      'drop table "order"',
      'drop table "address"',
      'drop table "user"',
    ]);
    session.commit();
    expect(db.tables()).to.deep.equal([]);
  });

  it('drops a tree with rows in it', () => {
    createTables(session, [Category]);
    session.run(sql`insert into category (id, name) values (1, 'a')`);
    session.commit();
    dropTables(session, [Category]);
    session.commit();

    expect(db.tables()).to.deep.equal([]);
  });

  it('fails where a table is not there, unless that is allowed', () => {
    class Department extends Entity('department', { id }) {}
    createTables(session, [Department]);

    expect(() => dropTables(session, [Department, Employee])).to.throw(
      DatabaseError,
      dialect === 'sqlite' ? 'no such table: employee' : "Unknown table 'offthread_orm.employee'",
    );
    dropTables(session, [Department, Employee], { ifExists: true });
    session.commit();
    expect(db.tables()).to.deep.equal([]);
  });
});
