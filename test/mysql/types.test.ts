import { expect } from 'chai';
import fc from 'fast-check';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { Connections, change, rowsOf } from './connections.js';

const TYPES = {
  t: 'tinyint',
  ut: 'tinyint unsigned',
  s: 'smallint',
  us: 'smallint unsigned',
  m: 'mediumint',
  um: 'mediumint unsigned',
  i: 'int',
  ui: 'int unsigned',
  b: 'bigint',
  ub: 'bigint unsigned',
  f: 'float',
  d: 'double',
  num: 'decimal(65,30)',
  bit1: 'bit(1)',
  bit64: 'bit(64)',
  da: 'date',
  dt: 'datetime',
  dt6: 'datetime(6)',
  ts3: 'timestamp(3) null',
  ti: 'time',
  ti6: 'time(6)',
  y: 'year',
  j: 'json',
  e: "enum('red', 'grün')",
  se: "set('a', 'b', 'c')",
  c: 'char(20)',
  vc: 'varchar(200)',
  lt: 'longtext',
  bi: 'binary(4)',
  vb: 'varbinary(300)',
  bl: 'longblob',
} as const;
type Name = keyof typeof TYPES;

describe('values on a blocking MySQL connection', function () {
  this.timeout(120_000);
  let connections: Connections;
  let db: MysqlConnection;

  before(async () => {
    connections = await Connections.make('values');
    db = connections.open();
    const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`);
    change(
      db,
      `create table thing (id int auto_increment primary key, ${columns.join(', ')}) character set utf8mb4 collate utf8mb4_bin`,
    );
  });
  after(() => connections.close());

  /** What is stored and read again, by the prepared protocol and as text. */
  function through(name: Name, value: unknown): unknown {
    change(db, 'delete from thing');
    change(db, `insert into thing (${name}) values (?)`, value);
    const [[prepared]] = rowsOf(db, `select ${name} from thing`) as [[unknown]];
    // What this server does not prepare it answers as text.
    const raw = db.lend() as MysqlConnection['raw'];
    raw.query(`prepare as_text from 'select ${name} as value from thing'`);
    const [[text]] = raw.query('execute as_text') as unknown as [[{ value: unknown }]];
    if (name !== 'f') expect(text.value).to.deep.equal(prepared);
    return prepared;
  }
  /** Every value of an arbitrary comes back as it was, or as `expected` has it. */
  function holds<T>(name: Name, values: fc.Arbitrary<T>, expected: (value: T) => unknown = (value) => value): void {
    fc.assert(
      fc.property(fc.option(values), (value) => {
        const known = value === null ? null : expected(value);
        expect(through(name, value)).to.deep.equal(known);
      }),
      { numRuns: 60 },
    );
  }
  const narrow = (value: bigint) =>
    value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  const digits = (number: number, count: number) => String(number).padStart(count, '0');

  const ranges: readonly (readonly [Name, min: number, max: number])[] = [
    ['t', -128, 127],
    ['ut', 0, 255],
    ['s', -32_768, 32_767],
    ['us', 0, 65_535],
    ['m', -(2 ** 23), 2 ** 23 - 1],
    ['um', 0, 2 ** 24 - 1],
    ['i', -(2 ** 31), 2 ** 31 - 1],
    ['ui', 0, 2 ** 32 - 1],
    ['b', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ];
  for (const [name, min, max] of ranges)
    it(`${TYPES[name]} is a number`, () =>
      holds(name, fc.oneof(fc.constantFrom(min, max, 0), fc.integer({ min, max }))));

  it('bigint is a number where a number is exact, else a bigint; signed and unsigned', () => {
    const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const edges = fc.constantFrom(
      2n ** 53n,
      2n ** 53n - 1n,
      -(2n ** 53n),
      -(2n ** 53n) + 1n,
      -(2n ** 63n),
      2n ** 63n - 1n,
    );
    holds('b', fc.oneof(signed, edges), narrow);
    holds(
      'ub',
      fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(2n ** 64n - 1n, 2n ** 53n)),
      narrow,
    );
  });

  it('double is the same double, and float the nearest of 32 bits', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    holds(
      'd',
      finite.filter((value) => !Object.is(value, -0)),
    );
    holds(
      'f',
      fc.float({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      Math.fround,
    );
  });

  it('decimal is its text, with every digit', () => {
    const whole = fc.bigInt({ min: -(10n ** 35n) + 1n, max: 10n ** 35n - 1n });
    const parts = fc
      .tuple(whole, fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }))
      .map(([a, b]) => `${a}.${String(b).padStart(30, '0')}`);
    holds('num', parts);
    expect(through('num', '-0.5')).to.equal('-0.500000000000000000000000000000');
  });

  it('bit is an integer', () => {
    holds('bit64', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), narrow);
    holds('bit1', fc.boolean(), Number);
  });

  const year = fc.integer({ min: 1, max: 9999 });
  const month = fc.integer({ min: 1, max: 12 });
  const day = fc.integer({ min: 1, max: 28 });
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => digits(part, 2)).join(':'));
  const micro = fc.integer({ min: 0, max: 999_999 });
  const date = fc.tuple(year, month, day).map(([y, m, d]) => `${digits(y, 4)}-${digits(m, 2)}-${digits(d, 2)}`);

  it('dates and times are text, as the server spells them, with all their digits', () => {
    holds('da', date);
    holds(
      'dt',
      fc.tuple(date, time).map((parts) => parts.join(' ')),
    );
    holds(
      'dt6',
      fc.tuple(date, time, micro).map(([d, t, u]) => `${d} ${t}.${digits(u, 6)}`),
    );
    holds(
      'ti6',
      fc
        .tuple(
          fc.boolean(),
          fc.integer({ min: 0, max: 838 }),
          fc.integer({ min: 0, max: 59 }),
          fc.integer({ min: 0, max: 58 }),
          micro,
        )
        .map(([n, h, m, s, u]) => {
          const sign = n && h + m + s + u > 0 ? '-' : '';
          return `${sign}${digits(h, 2)}:${digits(m, 2)}:${digits(s, 2)}.${digits(u, 6)}`;
        }),
    );
    expect(through('ti', '-838:59:59')).to.equal('-838:59:59');
    holds('y', fc.integer({ min: 1901, max: 2155 }));
    expect(through('y', 0)).to.equal(0);
  });

  it('zero dates are text too', () => {
    // As MariaDB's is from the start.
    change(db, "set sql_mode = 'STRICT_TRANS_TABLES'");
    expect(through('da', '0000-00-00')).to.equal('0000-00-00');
    expect(through('dt', '0000-00-00 00:00:00')).to.equal('0000-00-00 00:00:00');
    expect(through('dt6', '0000-00-00 00:00:00')).to.equal('0000-00-00 00:00:00.000000');
    expect(through('da', '2024-00-00')).to.equal('2024-00-00');
    db.clean();
  });

  it('a Date is bound as UTC, whatever time zone the server is in', () => {
    const moment = fc.date({ min: new Date('1971-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
    const spelled = (value: Date) => value.toISOString().replace('T', ' ').slice(0, -1);
    holds('ts3', moment, spelled);
    expect(rowsOf(db, 'select @@session.time_zone')).to.deep.equal([['+00:00']]);
    change(db, 'set time_zone = "+09:00"');
    change(db, 'delete from thing');
    change(db, 'insert into thing (ts3) values ("2024-01-01 09:00:00")');
    db.clean();
    expect(rowsOf(db, 'select ts3 from thing')).to.deep.equal([['2024-01-01 00:00:00.000']]);
  });

  it('and a moment is the same whatever time zone the server gives to new sessions', async () => {
    const admin = await connections.server.connect();
    const [rows] = await admin.query('select @@global.time_zone as zone');
    try {
      await admin.query("set global time_zone = '+05:30'");
      const own = connections.open();
      change(own, 'delete from thing');
      change(own, 'insert into thing (ts3) values (?)', new Date('2024-01-01T00:00:00.123Z'));
      for (const each of [own, db])
        expect(rowsOf(each, 'select ts3, unix_timestamp(ts3) from thing')).to.deep.equal([
          ['2024-01-01 00:00:00.123', '1704067200.123'],
        ]);
    } finally {
      await admin.query('set global time_zone = ?', [(rows as [{ zone: string }])[0].zone]);
      await admin.end();
    }
  });

  it('text is any text of Unicode, of any length', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    holds('vc', text);
    holds(
      'lt',
      text.map((each) => each.repeat(5_000)),
    );
    holds('lt', fc.constantFrom('', 'x'.repeat(250), 'x'.repeat(251), 'é'.repeat(65_535), '😀'.repeat(70_000)));
    expect(through('e', 'grün')).to.equal('grün');
    expect(through('se', 'a,c')).to.equal('a,c');
    expect(JSON.parse(through('j', '{"__proto__": [1, "😀"]}') as string)).to.have.own.property('__proto__');
  });

  it('bytes are bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const same = (value: Uint8Array) => Buffer.from(value);
    holds('vb', bytes, same);
    holds('bl', bytes, same);
    holds(
      'bl',
      fc.constantFrom(251, 65_535, 65_536, 1_000_000).map((length) => new Uint8Array(length).fill(7)),
      same,
    );
    expect(through('bi', Buffer.from([1, 0]))).to.deep.equal(Buffer.from([1, 0, 0, 0]));
  });

  it('what does not fit is refused by the server, and not changed', () => {
    for (const [name, value] of [
      ['t', 128],
      ['ut', -1],
      ['vc', 'x'.repeat(201)],
      ['e', 'blue'],
      ['da', '2024-02-30'],
      ['i', 'one'],
    ] as const)
      expect(() => through(name, value), name)
        .to.throw()
        .that.includes({ kind: 'check' });
  });

  it('a generated key beyond 2^53 is exact', () => {
    change(
      db,
      'create table huge (id bigint unsigned auto_increment primary key) auto_increment = 18446744073709551000',
    );
    expect(change(db, 'insert into huge values ()')).to.deep.equal({ changes: 1, insertId: 18446744073709551000n });
  });

  it('a row of many columns, some of them NULL, is read in order', () => {
    const nulls = fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(nulls, (values) => {
        const sql = `select ${values.map(() => '? + 0').join(', ')}`;
        expect(rowsOf(db, sql, ...values)).to.deep.equal([values]);
      }),
      { numRuns: 40 },
    );
  });
});
