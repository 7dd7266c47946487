import { expect } from 'chai';
import {
  CallError,
  type Columns,
  column,
  decimal,
  Entity,
  integer,
  MappingError,
  real,
  sql,
  text,
  timestamp,
} from '../../lib/orm/index.js';
import { thrownBy } from './database.js';

const id = integer().primaryKey();
const columns = { id, name: text(), age: integer() };

const wrong: [what: string, define: () => unknown, problem: string][] = [
  [
    'an index over a column that is not there',
    () => Entity('user', columns, { indexes: [['nam' as never]] }),
    "it has no column 'nam'. Did you mean 'name'?",
  ],
  [
    'a unique list with a column that is not there',
    () => Entity('user', columns, { unique: [['name', 'street' as never]] }),
    "it has no column 'street'. Its columns are id, name, age.",
  ],
  [
    'a column where a list is due',
    () => Entity('user', columns, { unique: ['name' as never] }),
    "its options unique and indexes are lists of columns. Write [['a'], ['b', 'c']].",
  ],
  [
    'an empty list',
    () => Entity('user', columns, { indexes: [[]] }),
    "its options unique and indexes are lists of columns. Write [['a'], ['b', 'c']].",
  ],
  [
    'a column twice in a list',
    () => Entity('user', columns, { indexes: [['name', 'name']] }),
    "'name', 'name' names a column twice. Name it once.",
  ],
  [
    'an option that there is not',
    () => Entity('user', columns, { index: [['name']] } as never),
    "it has no option 'index'. Its options are unique, indexes, checks.",
  ],
  [
    'a check that is a text',
    () => Entity('user', columns, { checks: ['age > 0' as never] }),
    'one of its checks is no expression. Write sql`…`.',
  ],
  [
    'a generated column with a default',
    () => Entity('user', { id, twice: integer().default(0).generated(sql`age * 2`) }),
    "the column 'twice' is generated, and more. The database alone computes it: " +
      'leave primaryKey(), default(), onUpdate() and version() out.',
  ],
  [
    'a version that may be null',
    () => Entity('user', { id, version: integer().version().nullable() } as Columns),
    "the column 'version' is a version, and more. The session alone counts it: " +
      'leave primaryKey(), nullable(), onUpdate() and a default of the database out.',
  ],
  [
    'two columns of one name in SQL',
    () => Entity('user', { id, name: text(), title: text('name') }),
    "two columns are called 'name' in SQL. Give one of them another name.",
  ],
  [
    'two versions',
    () => Entity('user', { id, one: integer().version(), two: integer().version() }),
    'one and two are both a version(). One counts all of its changes.',
  ],
];

describe('a table that is wrong', () => {
  for (const [what, define, problem] of wrong) {
    it(`is told: ${what}`, () => {
      expect(thrownBy(define))
        .to.be.instanceOf(MappingError)
        .and.include({ message: `Entity('user') is not mapped rightly: ${problem}` });
    });
  }
});

describe('a column that is wrong', () => {
  const refused: [what: string, make: () => unknown, message: string][] = [
    ['a version of another type', () => (real() as never as { version(): unknown }).version(), 'version() takes'],
    ['an onUpdate() that is a value', () => timestamp().onUpdate(new Date(0) as never), 'onUpdate() takes a function'],
    ['a check() that is a text', () => integer().check('age > 0' as never), 'check() takes an expression: sql`…`'],
    ['a generated() that is a text', () => integer().generated('a' as never), 'generated() takes an expression'],
    [
      'an own type without read()',
      () => column({ name: 'money', storedAs: 'text', write: String } as never),
      'read of the type money takes a function, not undefined.',
    ],
    [
      'an own type that is stored as nothing known',
      () => column({ name: 'money', storedAs: 'money' as never, write: String, read: String }),
      'storedAs of the type money takes one of integer, bigint, real, decimal, text, uuid, boolean, date, timestamp, json, blob',
    ],
  ];
  for (const [what, make, message] of refused) {
    it(`is told: ${what}`, () => {
      expect(make).to.throw(TypeError, message);
    });
  }
});

describe('the digits of a decimal', () => {
  for (const [digits, message] of [
    [{ precision: 0 }, 'precision must be a whole number from 1, not 0.'],
    [{ precision: 1.5 }, 'precision must be a whole number from 1, not 1.5.'],
    [{ precision: 2, scale: 3 }, 'scale must be a whole number from 0 to the precision 2, not 3.'],
    [{ precision: 2, scale: -1 }, 'scale must be a whole number from 0 to the precision 2, not -1.'],
  ] as const) {
    it(`are refused: ${JSON.stringify(digits)}`, () => {
      expect(() => decimal(digits)).to.throw(RangeError, message);
      expect(() => decimal('price', digits)).to.throw(RangeError, message);
    });
  }

  it('are none after the point unless the scale says so', () => {
    class Price extends Entity('price', { id, whole: decimal({ precision: 3 }) }) {}
    const write = (value: string) => Price.columns.whole.definition.type.write(value, 'Price.whole');

    expect([write('999'), write('-12.00'), write('-0')]).to.deep.equal(['999', '-12', '0']);
    expect(() => write('0.5')).to.throw(RangeError, "a decimal such as '19.99' of 3 digits, 0 after the point");
    expect(() => write('1000')).to.throw(RangeError);
  });
});

describe('a new entity, of what the database or the flush fills in', () => {
  class Note extends Entity('note', {
    id,
    at: timestamp().default(sql`current_timestamp`),
    changedAt: timestamp().onUpdate(() => new Date()),
    seenAt: timestamp()
      .nullable()
      .onUpdate(() => new Date()),
    words: integer().generated(sql`id + 1`),
    version: integer().version(),
  }) {}

  it('has nothing there yet, and the first version', () => {
    expect({ ...new Note({}) }).to.deep.equal({
      id: undefined,
      at: undefined,
      changedAt: undefined,
      seenAt: undefined,
      words: undefined,
      version: 1,
    });
  });

  it('takes what is given, also null', () => {
    const at = new Date(0);
    const { changedAt, seenAt, version } = new Note({ at, changedAt: at, seenAt: null, version: 7 });
    expect([changedAt, seenAt, version]).to.deep.equal([at, null, 7]);
  });

  it('refuses a value for a generated column', () => {
    expect(() => new Note({ words: 5 } as never)).to.throw(
      CallError,
      "new Note(…): the column 'words' is generated by the database. " + 'Leave it out; the flush brings it back.',
    );
  });
});
