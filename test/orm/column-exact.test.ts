import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { asStored, Loose, Maybe, type Property, SCHEMAS, Value, valueWith } from './value.js';

/** A value, and what stands in the database for it: there an integer is a bigint and a double a number. */
const exact: [property: Property, value: unknown, stored: unknown][] = [
  ['whole', 0, 0n],
  ['whole', -1, -1n],
  ['whole', Number.MAX_SAFE_INTEGER, 9007199254740991n],
  ['whole', Number.MIN_SAFE_INTEGER, -9007199254740991n],
  ['big', 0n, 0n],
  ['big', 7n, 7n],
  ['big', 2n ** 53n, 9007199254740992n],
  ['big', 2n ** 53n + 1n, 9007199254740993n],
  ['big', 2n ** 63n - 1n, 9223372036854775807n],
  ['big', -(2n ** 63n), -9223372036854775808n],
  ['ratio', 0.1, 0.1],
  ['ratio', 3, 3],
  ['ratio', 2 ** 53 + 2, 9007199254740994],
  ['ratio', Number.MIN_VALUE, 5e-324],
  ['ratio', -Number.MAX_VALUE, -1.7976931348623157e308],
  ['ratio', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ['words', '', ''],
  ['words', "O'Brien; drop table value; --", "O'Brien; drop table value; --"],
  ['words', 'é e\u0301 漢 😀', 'é e\u0301 漢 😀'],
  ['words', 'before\0after', 'before\0after'],
  ['words', '12', '12'],
  ['flag', true, 1n],
  ['flag', false, 0n],
  ['at', new Date(0), '1970-01-01 00:00:00.000'],
  ['at', new Date('2026-01-31T23:59:59.999Z'), '2026-01-31 23:59:59.999'],
  ['at', new Date('0000-01-01T00:00:00.000Z'), '0000-01-01 00:00:00.000'],
  ['at', new Date('9999-12-31T23:59:59.999Z'), '9999-12-31 23:59:59.999'],
  ['data', { a: [1, 'x', null, { b: true }] }, '{"a":[1,"x",null,{"b":true}]}'],
  ['data', [], '[]'],
  ['data', 'text', '"text"'],
  ['data', 0, '0'],
  ['data', false, 'false'],
  ['bytes', Buffer.from([0, 1, 255]), Buffer.from([0, 1, 255])],
  ['bytes', Buffer.alloc(0), Buffer.alloc(0)],
  ['day', '2024-02-29', '2024-02-29'],
  ['day', '0000-01-01', '0000-01-01'],
  ['day', '9999-12-31', '9999-12-31'],
  ['price', '0', '0'],
  ['price', '-12.5', '-12.5'],
  ['price', '1200', '1200'],
  ['price', '0.1', '0.1'],
  ['price', `${'9'.repeat(40)}.${'9'.repeat(40)}`, `${'9'.repeat(40)}.${'9'.repeat(40)}`],
  ['cents', '19.99', '19.99'],
  ['cents', '-999999.99', '-999999.99'],
  ['token', '123e4567-e89b-12d3-a456-426614174000', '123e4567-e89b-12d3-a456-426614174000'],
  ['spot', { x: 1, y: -2.5 }, '1 -2.5'],
];

/** What is stored in one spelling for all of its values: equal ones are then equal in SQL, and for an index. */
const spellings: [property: Property, value: unknown, stored: unknown][] = [
  ['price', '1.50', '1.5'],
  ['price', '100.00', '100'],
  ['price', '100', '100'],
  ['price', '-0.0', '0'],
  ['cents', '1.5', '1.50'],
  ['cents', '7', '7.00'],
  ['cents', '7.2500', '7.25'],
  ['cents', '-0', '0.00'],
];

/** Other forms of a value that may stand in a database which somebody else has filled. */
const foreign: [property: Property, stored: unknown, value: unknown][] = [
  ['whole', 5, 5],
  ['big', 5, 5n],
  ['ratio', 5n, 5],
  // What a column of the affinity NUMERIC makes of a large double without a fraction.
  ['ratio', 2n ** 60n, 2 ** 60],
  ['flag', 1, true],
  ['at', '2026-01-31 23:59:59', new Date('2026-01-31T23:59:59Z')],
  ['at', '2026-01-31 23:59:59.123456', new Date('2026-01-31T23:59:59.123Z')],
  ['at', '2026-01-31T23:59:59.5Z', new Date('2026-01-31T23:59:59.500Z')],
  ['data', ' { "a" : 1 } ', { a: 1 }],
  ['price', '1.50', '1.50'],
  ['price', 1.5, '1.5'],
  ['price', 15, '15'],
  ['price', 2n ** 60n, '1152921504606846976'],
  ['cents', '1.5', '1.5'],
];

const shown = (value: unknown): string =>
  typeof value === 'bigint'
    ? `${value}n`
    : Buffer.isBuffer(value)
      ? `bytes ${value.toString('hex')}`
      : JSON.stringify(value);

onEach('a column, exactly', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMAS[dialect]);
    session = db.open();
  });
  afterEach(() => db.close());

  for (const [property, value, stored] of exact) {
    // MySQL has no word for it, as most of the world has not.
    if (dialect === 'mysql' && value === Number.POSITIVE_INFINITY) continue;
    it(`stores ${property} ${shown(value)} as ${shown(stored)} and reads it back as it was`, () => {
      session.add(valueWith(property, value));
      session.commit();

      const [[found] = []] = db.exactRows(`select ${asStored(property)} from value`);
      expect(typeof stored === 'bigint' ? BigInt(found as number) : found).to.deep.equal(stored);
      const [read] = db.open().query(Value).all();
      expect(read?.[property]).to.deep.equal(value);
    });
  }

  for (const [property, value, stored] of spellings) {
    it(`stores ${property} ${shown(value)} as ${shown(stored)}, finds it by both, and does not write it again`, () => {
      session.add(valueWith(property, value));
      session.commit();

      expect(db.rows(`select ${property} from value`)).to.deep.equal([[stored]]);
      const entity = session.query(Value).where(property, '=', value).one();
      expect(session.query(Value).where(property, '=', stored).one()).to.equal(entity);
      expect(db.during(() => session.commit())).to.deep.equal([]);
      Object.assign(entity, { [property]: stored });
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });
  }

  for (const [property, stored, value] of foreign) {
    it(`reads a stored ${property} ${shown(stored)} as ${shown(value)}, and does not write it for that`, () => {
      db.outside.exec('insert into loose (id) values (1)');
      db.store('loose', property, stored);

      const entity = session.get(Loose, 1);
      expect(entity?.[property]).to.deep.equal(value);
      expect(db.during(() => session.commit())).to.deep.equal([]);
      expect(db.rows(`select ${property} from loose`)[0]?.[0]).to.deep.equal(
        typeof stored === 'bigint' ? Number(stored) : stored,
      );
    });
  }

  it('reads an integer of any size as a bigint, next to small ones, in every way to read', () => {
    session.add(new Value({ big: 1n }));
    session.add(new Value({}));
    session.commit();
    db.outside.exec('update value set big = 9007199254740993 where id = 2');
    session = db.open();

    const expected = [1n, 9007199254740993n];
    expect(
      session
        .query(Value)
        .all()
        .map(({ big }) => big),
    ).to.deep.equal(expected);
    session.commit();
    expect([...db.open().query(Value).iterate()].map(({ big }) => big)).to.deep.equal(expected);
    expect([db.open().get(Value, 1)?.big, db.open().get(Value, 2)?.big]).to.deep.equal(expected);
  });

  it('stores -0 as 0, which is equal to it', () => {
    session.add(new Value({ whole: -0, ratio: -0 }));
    session.commit();

    const [read] = db.open().query(Value).all();
    expect([Object.is(read?.whole, 0), Object.is(read?.ratio, 0)]).to.deep.equal([true, true]);
  });

  it('keeps null where the column is nullable, for every type', () => {
    session.add(new Maybe({}));
    session.commit();

    expect(db.rows('select * from value')).to.deep.equal([[1, ...new Array(13).fill(null)]]);
    const { id, ...others } = db.open().get(Maybe, 1) as Maybe;
    expect([id, Object.values(others)]).to.deep.equal([1, new Array(13).fill(null)]);
  });

  it('takes a Date, bytes and objects of another realm, and a Date of a subclass', () => {
    class Moment extends Date {}
    const foreign = (code: string) => runInNewContext(code) as never;
    session.add(
      new Value({ at: foreign('new Date(0)'), bytes: foreign('new Uint8Array([1])'), data: foreign('({a:[1]})') }),
    );
    session.add(new Value({ at: new Moment(5) }));
    session.commit();

    const [first, second] = db.open().query(Value).all();
    expect([first?.at, first?.bytes, first?.data]).to.deep.equal([new Date(0), Buffer.from([1]), { a: [1] }]);
    expect(second?.at).to.deep.equal(new Date(5));
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('gives each entity bytes of its own', () => {
    const given = Buffer.from([1, 2, 3]);
    session.add(new Value({ bytes: given }));
    session.commit();

    const read = db.open().get(Value, 1);
    expect(Buffer.isBuffer(read?.bytes)).to.equal(true);
    given[0] = 9;
    expect(read?.bytes).to.deep.equal(Buffer.from([1, 2, 3]));
  });
});
