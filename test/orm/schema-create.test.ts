import { expect } from 'chai';
import {
  bigint,
  blob,
  boolean,
  createTables,
  DatabaseError,
  decimal,
  Entity,
  integer,
  json,
  type LocalSession,
  MappingError,
  real,
  sql,
  text,
  timestamp,
} from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
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
    onSale: boolean('on_sale').default(false).check(sql`on_sale = 0 or price <> '0.00'`),
    tags: json<string[]>().default([]),
    seal: blob().default(Buffer.from('x')),
    ratio: real().nullable().default(Number.POSITIVE_INFINITY),
    note: text()
      .nullable()
      .default(() => 'made for entities only'),
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

onEach('createTables', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
  });
  afterEach(() => db.close());

  if (dialect === 'sqlite')
    it('says of a column what the entity says of it, and names what SQL lets it name', () => {
      expect(db.during(() => createTables(session, [Product]))).to.deep.equal([
        'create table "product" (' +
          [
            '"id" integer primary key',
            '"product_code" text not null unique',
            '"name" text not null',
            `"price" text default '1.50' not null`,
            '"count" integer default 0 not null check (count >= 0)',
            `"on_sale" integer default 0 not null check (("on_sale" in (0, 1)) and (on_sale = 0 or price <> '0.00'))`,
            `"tags" text default '[]' not null`,
            `"seal" blob default x'78' not null`,
            '"ratio" real',
            '"note" text',
            `"made_at" text default (strftime('%Y-%m-%d %H:%M:%f', 'now')) not null`,
            '"worth" integer generated always as (count * 2) stored not null',
            '"version" integer default 1 not null',
            'constraint "uq_product__name_price" unique ("name", "price")',
            `constraint "ck_product__1" check (length(name) < 100 or name = 'it''s')`,
          ].join(', ') +
          ') strict',
        'create index "ix_product__name" on "product" ("name")',
        'create index "ix_product__price_made_at" on "product" ("price", "made_at")',
      ]);
    });

  if (dialect === 'sqlite')
    it('makes a column of every type', () => {
      expect(db.during(() => createTables(session, [Value]))).to.deep.equal([
        'create table "value" (' +
          [
            '"id" integer primary key',
            '"whole" integer default 0 not null',
            '"big" integer default 0 not null',
            '"ratio" real default 0 not null',
            `"words" text default '' not null`,
            '"flag" integer default 0 not null check ("flag" in (0, 1))',
            `"at" text default '1970-01-01 00:00:00.000' not null`,
            `"data" text default '{}' not null`,
            '"bytes" blob not null',
            `"day" text default '2000-01-01' not null`,
            `"price" text default '0' not null`,
            `"cents" text default '0.00' not null`,
            `"token" text default '00000000-0000-4000-8000-000000000000' not null`,
            `"spot" text default '0 0' not null`,
          ].join(', ') +
          ') strict',
      ]);
    });

  const broken: [what: string, insert: string, kind: string][] = [
    ['a unique column', `(product_code, name) values ('a', 'other')`, 'unique'],
    ['columns that are unique together', `(product_code, name) values ('b', 'A')`, 'unique'],
    ['a column that is not nullable', `(product_code, name) values ('b', null)`, 'not-null'],
    ['a check of a column', `(product_code, name, count) values ('b', 'B', -1)`, 'check'],
    ['a boolean', `(product_code, name, on_sale) values ('b', 'B', 2)`, 'check'],
    ['a check beside a boolean', `(product_code, name, price, on_sale) values ('b', 'B', '0.00', 1)`, 'check'],
    ['a check of the table', `(product_code, name) values ('b', '${'x'.repeat(100)}')`, 'check'],
    ['the type of a column', `(product_code, name, count) values ('b', 'B', 'many')`, 'check'],
  ];
  for (const [what, insert, kind] of broken) {
    it(`makes a table that holds who writes past the entities to ${what}`, () => {
      createTables(session, [Product]);
      session.run(sql`insert into product (product_code, name) values ('a', 'A')`);

      const error = thrownBy(() => session.run(sql`insert into product ${sql.raw(insert)}`));
      expect(error).to.be.instanceOf(DatabaseError).and.include({ kind });
    });
  }

  it('gives who writes past the entities the defaults that are no functions', () => {
    createTables(session, [Product]);
    session.run(sql`insert into product (product_code, name) values ('a', 'A')`);

    const { madeAt, ...rest } = { ...session.query(Product).one() };
    // In the form of all timestamps: an equal Date finds it.
    expect(session.query(Product).where({ madeAt }).count()).to.equal(1);
    expect(rest).to.deep.equal({
      id: 1,
      code: 'a',
      name: 'A',
      price: '1.50',
      count: 0,
      onSale: false,
      tags: [],
      seal: Buffer.from('x'),
      ratio: null,
      note: null,
      worth: 0,
      version: 1,
    });
  });

  if (dialect === 'sqlite')
    it('lets the database make a single integer key, as a number or a bigint, and no other', () => {
      class Big extends Entity('big', { id: bigint().primaryKey(), name: text() }) {}
      class Coded extends Entity('coded', { code: text().primaryKey(), name: text() }) {}
      class Pair extends Entity('pair', { left: integer('l').primaryKey(), right: bigint('r').primaryKey() }) {}

      expect(db.during(() => createTables(session, [Big, Coded, Pair]))).to.deep.equal([
        'create table "big" ("id" integer primary key, "name" text not null) strict',
        'create table "coded" ("code" text not null primary key, "name" text not null) strict',
        'create table "pair" ("l" integer not null, "r" integer not null, constraint "pk_pair" primary key ("l", "r")) strict',
      ]);
      const big = session.add(new Big({ name: 'first' }));
      session.commit();
      expect(big.id).to.equal(1n);
    });

  if (dialect === 'sqlite')
    it('belongs to the transaction of its session', () => {
      createTables(session, [Product]);
      expect(db.rows('select count(*) from sqlite_schema')).to.deep.equal([[0]]);
      session.rollback();
      createTables(session, [Product]);
      session.commit();

      expect(db.rows(`select count(*) from sqlite_schema where name = 'product'`)).to.deep.equal([[1]]);
      db.open().transaction((own) => createTables(own, [Value]));
      expect(db.rows(`select count(*) from sqlite_schema where name = 'value'`)).to.deep.equal([[1]]);
    });

  it('takes the entities of a module, and nothing else of it', () => {
    createTables(session, { Product, again: Product, Date, helper: () => 1, LIMIT: 5, nothing: null });
    session.commit();

    expect(db.tables()).to.deep.equal(['product']);
  });

  it('fails where a table is there already, unless that is allowed', () => {
    createTables(session, [Product]);

    expect(() => createTables(session, [Product])).to.throw(
      DatabaseError,
      dialect === 'sqlite' ? 'table "product" already exists' : "Table 'product' already exists",
    );
    createTables(session, [Product], { ifNotExists: true });
  });

  if (dialect === 'sqlite')
    it('is right with names that SQL would read otherwise', () => {
      class Odd extends Entity(
        'select',
        { id, from: text(), quoted: text('a"b'), spaced: text('b desc') },
        { indexes: [['spaced', 'from']], unique: [['quoted', 'spaced']] },
      ) {}
      createTables(session, [Odd]);
      session.add(new Odd({ from: 'f', quoted: 'q', spaced: 's' }));
      session.commit();

      expect(db.rows(`select name from pragma_index_info('ix_select__b desc_from')`)).to.deep.equal([
        ['b desc'],
        ['from'],
      ]);
    });

  it('refuses two entities that say different things of one table', () => {
    class Other extends Entity('product', { id }) {}

    for (const [first, second] of [
      [Product, Other],
      [Other, Product],
    ] as const)
      expect(() => createTables(session, [first, second])).to.throw(
        MappingError,
        `${second.name} is not mapped rightly: its table 'product' has other columns in ${first.name}. Give one of them only.`,
      );
  });

  it('names the column whose default cannot be stored', () => {
    class Bad extends Entity('bad', { id, count: integer('a_count').default(1.5) }) {}

    expect(() => createTables(session, [Bad])).to.throw(
      RangeError,
      'The default of bad.a_count takes a safe integer, not 1.5.',
    );
  });

  it('refuses what is no entity, and a value in an expression that SQL cannot write', () => {
    class Bad extends Entity('bad', { id, at: integer().check(sql`at > ${new Date(0)}`) }) {}

    for (const none of [Product, { Date, LIMIT: 5 }, undefined])
      expect(() => createTables(session, none as never)).to.throw(
        TypeError,
        'The list of entities takes classes in an array, or a module with some, not ',
      );
    expect(() => createTables(session, [Date as never])).to.throw(MappingError, 'it is no entity');
    expect(() => createTables(session, [Bad])).to.throw(
      TypeError,
      'An expression of a table takes text and numbers, not 1970-01-01T00:00:00.000Z.',
    );
  });
});
