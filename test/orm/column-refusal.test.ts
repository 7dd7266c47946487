import { expect } from 'chai';
import type { LocalSession } from 'offthread/orm';
import { TestDatabase, thrownBy } from './database.js';
import { Loose, type Property, SCHEMA, Value, valueWith } from './value.js';

const MISSING = 'a value: the column is not nullable()';
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
  ['words', null, 'a value in the database, or else nullable()', 'null'],
];

describe('a column, refusing', () => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = new TestDatabase(SCHEMA);
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
      db.outside
        .prepare('insert into loose values (1, 0, 0, 0, ?, 0, ?, ?, ?)')
        .run('', '2000-01-01 00:00:00', '{}', Buffer.alloc(0));
      db.outside.prepare(`update loose set ${property} = ?`).run(stored);

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
