import { expect } from 'chai';
import {
  belongsTo,
  bigint,
  blob,
  boolean,
  createTables,
  decimal,
  dropTables,
  Entity,
  hasMany,
  integer,
  json,
  type LocalSession,
  real,
  sql,
  text,
  timestamp,
  uuid,
} from '../../lib/orm/index.js';
import { onMysql, type TestDatabase, thrownBy } from './database.js';
import { Address, Order, User } from './shop.js';
import { Value } from './value.js';

const id = integer().primaryKey();

class Product extends Entity(
  'product',
  {
    id,
    code: text('product_code').unique(),
    name: text().index(),
    price: decimal({ precision: 8, scale: 2 }).default('1.5'),
    count: integer().default(0).check(sql`count >= ${0}`),
    onSale: boolean('on_sale').default(false).check(sql`on_sale = 0 or price <> 0`),
    tags: json<string[]>().default([]),
    seal: blob().default(Buffer.from('x')),
    ratio: real().nullable().default(Number.POSITIVE_INFINITY),
    path: text().default('C:\\new'),
    madeAt: timestamp('made_at').default(sql`current_timestamp`),
    worth: integer().generated(sql`count * 2`),
    version: integer().version(),
  },
  {
    unique: [['name', 'price']],
    indexes: [['price', 'madeAt']],
    checks: [sql`length(name) < ${100} or name = ${"it's"}`],
  },
) {}

onMysql('createTables on MySQL', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
  });
  afterEach(() => db.close());

  /** The statements, without the question for the collation before them and its name in them. */
  const created = (...entities: Parameters<typeof createTables>[1][]): string[] =>
    entities
      .flatMap((each) => db.during(() => createTables(session, each)))
      .filter((statement) => !statement.startsWith('select'))
      .map((statement) => statement.replace(/ engine = innodb default character set utf8mb4 collate \w+$/, ''));

  it('says of a column what the entity says of it, and the indexes in the same statement', () => {
    expect(created([Product])).to.deep.equal([
      'create table "product" (' +
        [
          '"id" bigint not null auto_increment primary key',
          '"product_code" varchar(255) not null unique',
          '"name" varchar(255) not null',
          '"price" decimal(8, 2) default \'1.50\' not null',
          '"count" bigint default 0 not null',
          '"on_sale" boolean default 0 not null',
          `"tags" json default ('[]') not null`,
          `"seal" longblob default (x'78') not null`,
          '"ratio" double',
          `"path" longtext default ('C:\\\\new') not null`,
          '"made_at" datetime(3) default (utc_timestamp(3)) not null',
          '"worth" bigint generated always as (count * 2) stored',
          '"version" bigint default 1 not null',
          'constraint "uq_product__name_price" unique ("name", "price")',
          'index "ix_product__name" ("name")',
          'index "ix_product__price_made_at" ("price", "made_at")',
          'constraint "ck_product__count" check (count >= 0)',
          'constraint "ck_product__on_sale" check (("on_sale" in (0, 1)) and (on_sale = 0 or price <> 0))',
          `constraint "ck_product__1" check (length(name) < 100 or name = 'it''s')`,
        ].join(', ') +
        ')',
    ]);
    session.run(sql`insert into product (product_code, name) values ('a', 'A')`);
    const { madeAt, ...rest } = { ...session.query(Product).one() };
    expect(session.query(Product).where({ madeAt }).count()).to.equal(1);
    expect(rest).to.deep.include({ price: '1.50', tags: [], seal: Buffer.from('x'), path: 'C:\\new', worth: 0 });
  });

  it('makes a column of every type', () => {
    const ascii = 'character set ascii collate ascii_bin';
    expect(created([Value])).to.deep.equal([
      'create table "value" (' +
        [
          '"id" bigint not null auto_increment primary key',
          '"whole" bigint default 0 not null',
          '"big" bigint default 0 not null',
          '"ratio" double default 0 not null',
          `"words" longtext default ('') not null`,
          '"flag" boolean default 0 not null',
          `"at" datetime(3) default '1970-01-01 00:00:00.000' not null`,
          `"data" json default ('{}') not null`,
          '"bytes" longblob not null',
          `"day" date default '2000-01-01' not null`,
          `"price" longtext ${ascii} default ('0') not null`,
          `"cents" decimal(8, 2) default '0.00' not null`,
          `"token" char(36) ${ascii} default '00000000-0000-4000-8000-000000000000' not null`,
          `"spot" longtext default ('0 0') not null`,
          'constraint "ck_value__flag" check ("flag" in (0, 1))',
        ].join(', ') +
        ')',
    ]);
  });

  it('bounds what an index holds, and counts a single integer key', () => {
    class Big extends Entity('big', { id: bigint().primaryKey(), digest: blob().unique() }) {}
    class Five extends Entity(
      'five',
      {
        a: text().primaryKey(),
        b: text().primaryKey(),
        c: text().primaryKey(),
        d: text().primaryKey(),
        e: uuid().primaryKey(),
        price: decimal().index(),
        fine: decimal({ precision: 70, scale: 2 }),
      },
      {},
    ) {}

    expect(created([Big, Five])).to.deep.equal([
      'create table "big" ("id" bigint not null auto_increment primary key, "digest" varbinary(255) not null unique)',
      'create table "five" ("a" varchar(150) not null, "b" varchar(150) not null, "c" varchar(150) not null, ' +
        '"d" varchar(150) not null, "e" char(36) character set ascii collate ascii_bin not null, ' +
        '"price" varchar(255) character set ascii collate ascii_bin not null, ' +
        '"fine" longtext character set ascii collate ascii_bin not null, ' +
        'primary key ("a", "b", "c", "d", "e"), index "ix_five__price" ("price"))',
    ]);
  });

  it('makes foreign keys, parents before their children', () => {
    expect(created([Order, Address, User])).to.deep.equal([
      'create table "user" ("id" bigint not null auto_increment primary key, "name" varchar(255) not null unique, ' +
        '"email" longtext, "age" bigint)',
      'create table "order" ("id" bigint not null auto_increment primary key, "user_id" bigint not null, ' +
        '"total" bigint default 0 not null, index "ix_order__user_id" ("user_id"), ' +
        'constraint "fk_order__user_id" foreign key ("user_id") references "user" ("id"))',
      'create table "address" ("id" bigint not null auto_increment primary key, "user_id" bigint, "street" longtext not null, ' +
        'index "ix_address__user_id" ("user_id"), ' +
        'constraint "fk_address__user_id" foreign key ("user_id") references "user" ("id"))',
    ]);
  });

  it('adds what closes a circle when all tables are there, and takes it away before they go', () => {
    class Department extends Entity('department', { id, headId: integer('head_id').nullable() }) {
      static relations = { head: belongsTo(() => Employee, 'headId') };
    }
    class Employee extends Entity('employee', { id, departmentId: integer('department_id') }) {
      static relations = { department: belongsTo(() => Department, 'departmentId') };
    }
    const added =
      'alter table "employee" add constraint "fk_employee__department_id" foreign key ("department_id") references "department" ("id")';
    expect(created([Department, Employee]).filter((statement) => !statement.startsWith('create'))).to.deep.equal([
      added,
    ]);
    createTables(session, [Department, Employee], { ifNotExists: true });
    expect(thrownBy(() => session.run(sql`insert into employee (department_id) values (7)`))).to.include({
      kind: 'foreign-key',
    });

    const dropped = db.during(() => dropTables(session, [Department, Employee]));
    expect(dropped.filter((statement) => !statement.startsWith('select'))).to.deep.equal([
      'alter table "employee" drop foreign key "fk_employee__department_id"',
      'drop table "department"',
      'drop table "employee"',
    ]);
  });

  it('tells texts apart as SQLite does: by case, and by blanks at the end', () => {
    class Country extends Entity('country', { code: text().primaryKey() }) {
      declare cities: City[];
      static relations = { cities: hasMany(() => City, 'countryCode') };
    }
    class City extends Entity('city', { id, countryCode: text('country_code') }) {}
    createTables(session, [Country, City]);
    const codes = ['a', 'A', 'a ', 'á', 'ß', 'ss'];
    for (const code of codes) session.add(new Country({ code })).cities.push(new City({ countryCode: code }));
    session.commit();

    const other = db.open();
    for (const country of other.query(Country).with('cities').all())
      expect(country.cities.map(({ countryCode }) => countryCode)).to.deep.equal([country.code]);
    expect(other.query(Country).where({ code: 'a' }).count()).to.equal(1);
    expect(
      other
        .query(Country)
        .orderBy('code')
        .all()
        .map(({ code }) => code),
    ).to.deep.equal(['A', 'a', 'a ', 'ss', 'ß', 'á']);
  });

  it('shortens names that are too long for MySQL', () => {
    const long = 'a_table_with_a_name_of_its_own_that_goes_on';
    class Long extends Entity(
      long,
      { id, some: integer('some_column_of_that_table').index(), more: integer() },
      {
        indexes: [['some', 'more']],
      },
    ) {}
    const [table] = created([Long]);

    const names = [...(table?.matchAll(/index "([^"]+)"/g) ?? [])].map(([, name]) => name as string);
    expect(new Set(names).size).to.equal(2);
    expect(names.map(({ length }) => length)).to.deep.equal([64, 64]);
  });

  it('commits what was before it, and each table by itself', () => {
    createTables(session, [User]);
    session.add(new User({ name: 'Ada' }));
    session.flush();
    createTables(session, [Address]);
    session.rollback();

    expect(db.rows('select name from user')).to.deep.equal([['Ada']]);
    expect(db.tables().sort()).to.deep.equal(['address', 'user']);
  });
});
