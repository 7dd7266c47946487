import { expect } from 'chai';
import fc from 'fast-check';
import { createTables, type LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { type Property, Value, valueWith } from './value.js';

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const plus = (value: number): number => value + 0;
const years = { min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z') };

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }).map((list) => list.join(''));
/** Without zeros where they say nothing: what is stored has none. */
const decimals = fc
  .record({ sign: fc.constantFrom('', '-'), whole: digits, fraction: digits })
  .map(({ sign, whole, fraction }) => {
    const value = `${whole.replace(/^0+/, '') || '0'}.${fraction}`.replace(/\.?0*$/, '');
    return value === '0' ? value : sign + value;
  });
const cents = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((value) => {
  const all = String(Math.abs(value)).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${all.slice(0, -2)}.${all.slice(-2)}`;
});

const arbitraries: Record<Property, fc.Arbitrary<unknown>> = {
  whole: fc.maxSafeInteger(),
  big: fc.oneof(fc.bigInt(int64), fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n })),
  // SQLite knows no -0; adding 0 makes it one.
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map(plus),
  words: fc.string({ unit: 'binary' }),
  flag: fc.boolean(),
  at: fc.date({ ...years, noInvalidDate: true }),
  // What JSON does not tell apart (-0) is not asked for; a null on top is the column's own null.
  data: fc
    .jsonValue()
    .filter((value) => value !== null)
    .map((value) => JSON.parse(JSON.stringify(value))),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  day: fc.date({ ...years, noInvalidDate: true }).map((moment) => moment.toISOString().slice(0, 10)),
  price: decimals,
  cents,
  token: fc.uuid(),
  spot: fc.record({ x: fc.double({ noNaN: true, noDefaultInfinity: true }).map(plus), y: fc.integer() }),
};

/** What a program may set by mistake: also text that only looks like a value, and what other realms or libraries make. */
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
  }),
  fc.string({ unit: fc.integer({ min: 0xd7f0, max: 0xe00f }).map((code) => String.fromCharCode(code)) }),
  fc.stringMatching(/^-?\d{1,10}(\.\d{0,4})?$/),
  fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d$/),
  fc.uuid().map((value) => value.toUpperCase()),
  fc.double(),
  fc.bigInt(),
);

/** Equal as far as the type can tell: a decimal by its value, JSON by its text. */
/** @param keepsOrder of the names in JSON; MySQL's own puts them in an order of its own */
function expectSame(read: unknown, value: unknown, keepsOrder: boolean): void {
  if (typeof value === 'string' && typeof read === 'string' && read !== value)
    expect(Number(read)).to.equal(Number(value));
  else if (value instanceof Uint8Array) expect(Buffer.compare(read as Buffer, value)).to.equal(0);
  else if (typeof value === 'number') expect(read).to.equal(plus(value));
  else if (value instanceof Date) expect(read).to.deep.equal(value);
  else if (typeof value === 'object' && keepsOrder) expect(JSON.stringify(read)).to.equal(JSON.stringify(value));
  else if (typeof value === 'object') expect(read).to.deep.equal(JSON.parse(JSON.stringify(value)));
  else expect(read).to.equal(value);
}

/** An infinite double, and JSON with half of a letter in it. */
const isRefusedByMysql = (property: Property, error: Error & { kind?: unknown }): boolean =>
  property === 'ratio' ? / not -?Infinity\.$/.test(error.message) : property === 'data' && error.kind === 'check';

onEach('a column, for any value', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
    createTables(session, [Value]);
    session.commit();
  });
  afterEach(() => db.close());

  // MySQL has no word for what is no finite number.
  const ratio = dialect === 'sqlite' ? fc.double({ noNaN: true }).map(plus) : arbitraries.ratio;
  for (const [property, arbitrary] of Object.entries({ ...arbitraries, ratio }) as [
    Property,
    fc.Arbitrary<unknown>,
  ][]) {
    it(`stores ${property} so that an equal value comes back, which is not taken for a change`, () => {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const { id } = session.transaction((own) => {
            const entity = own.add(valueWith(property, value));
            own.flush();
            return entity;
          });
          const written = db.during(() =>
            session.transaction((own) => {
              expect(own.get(Value, id)?.[property]).to.deep.equal(value);
            }),
          );
          expect(written.filter((text) => !text.startsWith('select'))).to.deep.equal([]);
        }),
        { numRuns: dialect === 'sqlite' ? 100 : 40 },
      );
    });

    it(`refuses anything for ${property} by its name and without a statement, or else stores what comes back equal`, () => {
      const keepsOrder = dialect === 'sqlite' || /MariaDB/.test(String(db.rows('select version()')));
      fc.assert(
        fc.property(fc.oneof(anything, { weight: 1, arbitrary }), (value) => {
          const entity = valueWith(property, value);
          let error: (Error & { code?: string; place?: string }) | undefined;
          const statements = db.during(() => {
            try {
              session.transaction((own) => {
                own.add(entity);
                own.flush();
              });
            } catch (thrown) {
              error = thrown as Error;
            }
          });
          if (error === undefined) {
            session.transaction((own) => expectSame(own.get(Value, entity.id)?.[property], value, keepsOrder));
          } else if (dialect === 'sqlite' || !isRefusedByMysql(property, error)) {
            expect(error.code, error.message).to.equal('OFFTHREAD_VALUE');
            expect(error.place).to.match(new RegExp(`^Value\\.${property}`));
            expect(statements).to.deep.equal([]);
          }
        }),
        { numRuns: dialect === 'sqlite' ? 300 : 60 },
      );
    });

    it(`finds the row again by ${property}`, () => {
      // An array in where() means one of its values, so json is asked with the operator.
      fc.assert(
        fc.property(arbitrary, (value) => {
          session.transaction((own) => {
            const entity = own.add(valueWith(property, value));
            own.flush();
            expect(own.query(Value).where(property, '=', value).where({ id: entity.id }).one()).to.equal(entity);
          });
        }),
        { numRuns: 30 },
      );
    });
  }
});
