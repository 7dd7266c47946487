import { expect } from 'chai';
import { DatabaseError, type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { SCHEMA, User } from './shop.js';

type Control = [query: ReturnType<typeof sql>, shown: string];
const OF_SQLITE: Control[] = [
  [
    sql`  -- a remark
      /* and another */ ; begin -- now`,
    'begin -- now',
  ],
  [sql`end transaction`, 'end transaction'],
  [sql`begin immediate`, 'begin immediate'],
  [sql`attach 'other.db' as other`, "attach 'other.db' as other"],
  [sql`detach other`, 'detach other'],
  [sql`create temp table user (id)`, 'create temp table user (id)'],
  [sql`pragma foreign_keys = off`, 'pragma foreign_keys = off'],
  [sql`pragma/**/main . foreign_keys(0)`, 'pragma/**/main . foreign_keys(0)'],
];
const OF_MYSQL: Control[] = [
  [sql`start transaction read only`, 'start transaction read only'],
  [sql`set autocommit = 0`, 'set autocommit = 0'],
  [sql`lock tables user write`, 'lock tables user write'],
  [sql`xa start 'x'`, "xa start 'x'"],
];

onEach('SQL text through session.run', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  for (const [what, value, shown] of [
    ['an object', { a: 1 }, 'an object (Object)'],
    ['an array', [1, 2], 'an array of 2'],
    ['undefined', undefined, 'undefined'],
    ['NaN', Number.NaN, 'NaN'],
    ['an invalid Date', new Date(Number.NaN), 'an invalid Date'],
  ] as const) {
    it(`refuses ${what} as a value, by its place`, () => {
      const error = thrownBy(() => session.run(sql`select ${1} + ${value as unknown}`));

      expect(error.message)
        .to.match(/^Parameter 2 of select \? \+ \? takes /)
        .and.include(`not ${shown}`);
      expect(error).to.include({ code: 'OFFTHREAD_VALUE' });
    });
  }

  it('harms nobody with a column that is called __proto__', () => {
    const [row] = session.run(sql<Record<string, unknown>>`select 1 as "__proto__", 2 as "constructor", 3 as polluted`);

    expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
    expect(Object.entries(row ?? {})).to.deep.equal([
      ['__proto__', 1],
      ['constructor', 2],
      ['polluted', 3],
    ]);
    expect({}).to.not.have.property('polluted');
  });

  // What is shown is the text without the remarks before it.
  const controls: Control[] = [
    [sql`begin`, 'begin'],
    [sql`COMMIT`, 'COMMIT'],
    [sql`rollback`, 'rollback'],
    [sql`savepoint mine`, 'savepoint mine'],
    [sql`release mine`, 'release mine'],
    ...(dialect === 'sqlite' ? OF_SQLITE : OF_MYSQL),
  ];
  for (const [query, shown] of controls) {
    it(`refuses what controls the transaction or the connection: ${shown}`, () => {
      (session.get(User, 1) as User).name = 'Grace';
      const error = thrownBy(() => session.run(query));

      expect(error).to.include({ name: 'TransactionControlError', code: 'OFFTHREAD_TRANSACTION_CONTROL', sql: shown });
      expect(error.message).to.match(/savepoint\(fn\)/);
      expect(error.message).to.include(
        `'${shown}' controls the transaction or the connection, which the pool does itself.`,
      );
      session.rollback();
      expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);
    });
  }

  it('refuses a second statement behind the first, and runs neither', () => {
    expect(() => session.run(sql`update user set name = concat(name, '!'); commit`)).to.throw(
      dialect === 'sqlite' ? 'more than one statement' : 'You have an error in your SQL syntax',
    );
    session.rollback();

    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);
  });

  if (dialect === 'sqlite')
    it('refuses a NUL, behind which nothing would be read', () => {
      expect(() => session.run(sql.raw('select 1 \0 where 0'))).to.throw(
        TypeError,
        'SQL text takes no NUL character: bind the value',
      );
    });

  it('lets pass what only looks like control, and questions about the database', () => {
    const [name, commit] = [sql.ref('name'), sql.ref('commit')];
    expect(session.run(sql`select 'begin' as a, ${name} as ${commit} from user where id = 1 -- commit`)).to.deep.equal([
      { a: 'begin', commit: 'Ada' },
    ]);
    expect(session.run(sql`/* begin */ select 1 as one`)).to.deep.equal([{ one: 1 }]);
    if (dialect === 'mysql') {
      expect(session.run(sql`show tables like 'nothing'`)).to.deep.equal([]);
      return;
    }
    expect(session.run(sql<{ name: string }>`pragma table_info(address)`).map(({ name }) => name)).to.deep.equal([
      'id',
      'user_id',
      'street',
    ]);
    expect(session.run(sql`pragma foreign_keys`)).to.deep.equal([{ foreign_keys: 1 }]);
  });

  it('tells of wrong SQL with its text', () => {
    const code = dialect === 'sqlite' ? 'SQLITE_ERROR' : 'ER_BAD_FIELD_ERROR';
    const text = 'select nmae from user where id = ?';
    expect(thrownBy(() => session.run(sql`select nmae from user where id = ${1}`)))
      .to.be.instanceOf(DatabaseError)
      .and.include({ kind: 'syntax', code, sql: text })
      .and.property('message')
      // MariaDB and MySQL have different words for the place.
      .oneOf(
        (dialect === 'sqlite'
          ? ['no such column: nmae']
          : ["Unknown column 'nmae' in 'SELECT'", "Unknown column 'nmae' in 'field list'"]
        ).map((told) => `${told} (${code})\n  in: ${text}`),
      );
  });
});
