import { expect } from 'chai';
import { column, Entity, integer, type LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { asStored, Loose, type Property, SCHEMAS, Value, valueWith } from './value.js';

const MISSING = 'a value: the column is not nullable()';
const DAY = 'a day of the calendar, such as 2026-01-31';
const DECIMAL = "a decimal such as '19.99'";
const CENTS = "a decimal such as '19.99' of 8 digits, 2 after the point";
const UUID = 'a UUID in lower case, such as 123e4567-e89b-12d3-a456-426614174000';
const MADE = 'well-formed text, a number, a bigint or bytes from its write()';
const YEARS = 'a Date in the years 0 to 9999';

type Refused = [property: Property, value: unknown, kind: typeof Error, allowed: string, shown: string];
const refused: Refused[] = [
  ['whole', 2 ** 53, RangeError, 'a safe integer', '9007199254740992'],
  ['whole', -(2 ** 53), RangeError, 'a safe integer', '-9007199254740992'],
  ['whole', 1.5, RangeError, 'a safe integer', '1.5'],
  ['whole', Number.NaN, RangeError, 'a safe integer', 'NaN'],
  ['whole', '1', TypeError, 'a safe integer', "'1'"],
  ['whole', 1n, TypeError, 'a safe integer', '1n'],
  ['whole', true, TypeError, 'a safe integer', 'true'],
  ['whole', { valueOf: () => 1 }, TypeError, 'a safe integer', 'an object (Object)'],
  ['whole', null, TypeError, MISSING, 'null'],
  ['whole', undefined, TypeError, MISSING, 'undefined'],
  ['big', 1, TypeError, 'a bigint', '1'],
  ['big', 2n ** 63n, RangeError, 'a bigint of 64 bits', '9223372036854775808n'],
  ['big', -(2n ** 63n) - 1n, RangeError, 'a bigint of 64 bits', '-9223372036854775809n'],
  ['ratio', Number.NaN, RangeError, 'a number that is not NaN', 'NaN'],
  ['ratio', '0.5', TypeError, 'a number that is not NaN', "'0.5'"],
  ['ratio', 1n, TypeError, 'a number that is not NaN', '1n'],
  ['words', 5, TypeError, 'a string', '5'],
  ['words', { toString: () => 'x' }, TypeError, 'a string', 'an object (Object)'],
  ['words', ['x'], TypeError, 'a string', 'an array of 1'],
  ['words', '\ud83d', RangeError, 'well-formed text (it has a lone surrogate)', "'\ud83d'"],
  ['words', 'a\ude00b', RangeError, 'well-formed text (it has a lone surrogate)', "'a\ude00b'"],
  ['flag', 1, TypeError, 'true or false', '1'],
  ['flag', 'true', TypeError, 'true or false', "'true'"],
  ['at', new Date(Number.NaN), TypeError, 'a valid Date', 'an invalid Date'],
  ['at', '2026-01-31', TypeError, 'a valid Date', "'2026-01-31'"],
  ['at', 0, TypeError, 'a valid Date', '0'],
  ['at', new Date('-000001-12-31T23:59:59.999Z'), RangeError, YEARS, '-000001-12-31T23:59:59.999Z'],
  ['at', new Date('+010000-01-01T00:00:00.000Z'), RangeError, YEARS, '+010000-01-01T00:00:00.000Z'],
  ['data', Math.max, TypeError, 'what JSON can say', 'the function max'],
  ['data', Symbol('x'), TypeError, 'what JSON can say', 'Symbol(x)'],
  ['bytes', 'text', TypeError, 'a Buffer', "'text'"],
  ['bytes', [1, 2], TypeError, 'a Buffer', 'an array of 2'],
  ['bytes', new ArrayBuffer(2), TypeError, 'a Buffer', 'an object (ArrayBuffer)'],
  ['at', Object.create(Date.prototype), TypeError, 'a valid Date', 'an object (Date)'],
  ['day', new Date(0), TypeError, DAY, '1970-01-01T00:00:00.000Z'],
  ['day', '2026-02-30', RangeError, DAY, "'2026-02-30'"],
  ['day', '1900-02-29', RangeError, DAY, "'1900-02-29'"],
  ['day', '2026-13-01', RangeError, DAY, "'2026-13-01'"],
  ['day', '2026-00-10', RangeError, DAY, "'2026-00-10'"],
  ['day', '2026-01-00', RangeError, DAY, "'2026-01-00'"],
  ['day', '2026-1-1', RangeError, DAY, "'2026-1-1'"],
  ['day', '2026-01-31 00:00:00', RangeError, DAY, "'2026-01-31 00:00:00'"],
  ['price', 1.5, TypeError, DECIMAL, '1.5'],
  ['price', 1n, TypeError, DECIMAL, '1n'],
  ['price', '', RangeError, DECIMAL, "''"],
  ['price', '1e5', RangeError, DECIMAL, "'1e5'"],
  ['price', '01', RangeError, DECIMAL, "'01'"],
  ['price', '.5', RangeError, DECIMAL, "'.5'"],
  ['price', '5.', RangeError, DECIMAL, "'5.'"],
  ['price', '+1', RangeError, DECIMAL, "'+1'"],
  ['price', '1,5', RangeError, DECIMAL, "'1,5'"],
  ['price', ' 1', RangeError, DECIMAL, "' 1'"],
  ['price', '1\n', RangeError, DECIMAL, "'1\n'"],
  ['price', 'Infinity', RangeError, DECIMAL, "'Infinity'"],
  ['cents', '0.005', RangeError, CENTS, "'0.005'"],
  ['cents', '1000000', RangeError, CENTS, "'1000000'"],
  ['cents', '-1000000.00', RangeError, CENTS, "'-1000000.00'"],
  ['token', '123E4567-E89B-12D3-A456-426614174000', RangeError, UUID, "'123E4567-E89B-12D3-A456-426614174000'"],
  ['token', '123e4567e89b12d3a456426614174000', RangeError, UUID, "'123e4567e89b12d3a456426614174000'"],
  ['token', 5, TypeError, UUID, '5'],
  ['spot', { x: 1 }, TypeError, 'a point (x and y are finite numbers)', 'an object (Object)'],
];

/** What JSON would write as something else, without a word. */
const lossy: [what: string, value: unknown, place: string, shown: string][] = [
  ['NaN', { a: [1, Number.NaN] }, '.a[1]', 'NaN'],
  ['Infinity', Number.POSITIVE_INFINITY, '', 'Infinity'],
  ['undefined in a list', ['a', undefined], '[1]', 'undefined'],
  ['a Date', { list: [{ at: new Date(0) }] }, '.list[0].at', '1970-01-01T00:00:00.000Z'],
  ['a Map', { tags: new Map() }, '.tags', 'an object (Map)'],
  ['bytes', [Buffer.from('a')], '[0]', 'an object (Buffer)'],
  ['a function', { run() {} }, '.run', 'the function run'],
  ['a symbol', { kind: Symbol('x') }, '.kind', 'Symbol(x)'],
  ['an instance of a class', { user: new (class Person {})() }, '.user', 'an object (Person)'],
];

const unreadable: [property: Property, stored: unknown, allowed: string, shown: string][] = [
  ['whole', 9007199254740992n, 'a safe integer', '9007199254740992n'],
  ['whole', 1.5, 'a safe integer', '1.5'],
  ['whole', '5', 'a safe integer', "'5'"],
  ['big', 1.5, 'an integer', '1.5'],
  ['big', '5', 'an integer', "'5'"],
  ['ratio', '0.5', 'a number that is not NaN', "'0.5'"],
  ['ratio', 9007199254740993n, 'a number that is not NaN', '9007199254740993n'],
  ['words', 5, 'text', '5'],
  ['words', Buffer.from('x'), 'text', 'an object (Buffer)'],
  ['flag', 2, '0 or 1 in the database', '2'],
  ['flag', 'true', '0 or 1 in the database', "'true'"],
  ['at', 'yesterday', 'a timestamp in the database, such as 2026-01-31 23:59:59.999', "'yesterday'"],
  ['at', 0, 'a timestamp in the database, such as 2026-01-31 23:59:59.999', '0'],
  [
    'at',
    '2026-13-31 00:00:00',
    'a timestamp in the database, such as 2026-01-31 23:59:59.999',
    "'2026-13-31 00:00:00'",
  ],
  ['data', '{', 'JSON in the database', "'{'"],
  ['bytes', 'x', 'bytes in the database', "'x'"],
  [
    'at',
    '2026-02-30 00:00:00',
    'a timestamp in the database, such as 2026-01-31 23:59:59.999',
    "'2026-02-30 00:00:00'",
  ],
  ['day', '2026-02-30', DAY, "'2026-02-30'"],
  ['day', 20260131, DAY, '20260131'],
  ['price', 'much', `${DECIMAL} in the database`, "'much'"],
  ['price', 1e30, `${DECIMAL} in the database`, '1e+30'],
  ['token', 'ABC', UUID, "'ABC'"],
  ['spot', 'here', 'a point in the database (it has two numbers)', "'here'"],
  ['words', null, 'a value in the database, or else nullable()', 'null'],
];

onEach('a column, refusing', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMAS[dialect]);
    session = db.open();
  });
  afterEach(() => db.close());

  for (const [property, value, kind, allowed, shown] of refused) {
    const message = `Value.${property} takes ${allowed}, not ${shown}.`;
    it(`refuses a new entity's value by its name: ${JSON.stringify(message)}`, () => {
      session.add(valueWith(property, value));

      const error = thrownBy(() => session.commit());
      expect(error)
        .to.be.instanceOf(kind)
        .and.include({ message, code: 'OFFTHREAD_VALUE', place: `Value.${property}` });
      expect(db.rows('select count(*) from value')).to.deep.equal([[0]]);
    });
  }

  for (const [what, value, place, shown] of lossy) {
    it(`refuses ${what} within a json column`, () => {
      session.add(valueWith('data', value));

      expect(() => session.commit()).to.throw(TypeError, `Value.data${place} takes what JSON can say, not ${shown}.`);
      expect(db.rows('select count(*) from value')).to.deep.equal([[0]]);
    });
  }

  it('leaves out a property of a json column that is undefined, and takes objects without a prototype', () => {
    session.add(valueWith('data', Object.assign(Object.create(null), { a: undefined, b: 1 })));
    session.commit();

    expect(db.rows(`select ${asStored('data')} from value`)).to.deep.equal([['{"b":1}']]);
  });

  it('refuses what the write() of an own type makes, where a driver could not store it', () => {
    const made: unknown[] = ['\ud83d', Number.NaN, undefined, null, true, new Date(0), { x: 1 }];
    const own = column<number>({ name: 'own', storedAs: 'text', write: (at) => made[at], read: Number });
    class Owner extends Entity('value', { id: integer().primaryKey(), own: own('words') }) {}

    made.forEach((_, at) => {
      session.add(new Owner({ own: at }));
      expect(() => session.commit()).to.throw(TypeError, `Owner.own (as own) takes ${MADE}, not `);
      session.rollback();
    });
    expect(db.rows('select count(*) from value')).to.deep.equal([[0]]);
  });

  it('refuses the same in a change of a stored entity, in where() and in get()', () => {
    const value = session.add(new Value({}));
    session.commit();
    const message = 'Value.whole takes a safe integer, not 9007199254740992.';

    value.whole = 2 ** 53;
    expect(() => session.flush()).to.throw(RangeError, message);
    value.whole = 0;
    expect(() => session.query(Value).where({ whole: 2 ** 53 })).to.throw(RangeError, message);
    expect(() => session.query(Value).where({ whole: [1, 2 ** 53] })).to.throw(RangeError, message);
    expect(() => session.query(Value).where('whole', '<', 2 ** 53)).to.throw(RangeError, message);
    expect(() => session.get(Value, 2 ** 53)).to.throw(
      RangeError,
      'Value.id takes a safe integer, not 9007199254740992.',
    );
  });

  for (const [property, stored, allowed, shown] of unreadable) {
    const message = `Loose.${property} takes ${allowed}, not ${shown}.`;
    it(`refuses what it finds in the database by its name: ${message}`, () => {
      db.outside.exec('insert into loose (id) values (1)');
      db.store('loose', property, stored);

      expect(thrownBy(() => session.get(Loose, 1))).to.include({ message, code: 'OFFTHREAD_VALUE' });
      expect(thrownBy(() => session.query(Loose).all())).to.include({ message });
    });
  }

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const [what, value] of [
    ['a bigint', { big: 1n }],
    ['a circle', circle],
  ] as const) {
    it(`refuses ${what} inside of a json column by the column's name`, () => {
      session.add(valueWith('data', value));

      const error = thrownBy(() => session.commit());
      expect(error).to.be.instanceOf(TypeError).and.include({ code: 'OFFTHREAD_VALUE', place: 'Value.data' });
    });
  }
});
