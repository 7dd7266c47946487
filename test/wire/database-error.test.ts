import { expect } from 'chai';
import { DatabaseError, OffthreadError, type Pool, sql } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { Shop } from '../pool/shop.js';
import { Duplicate } from './failures.js';

describe('an error of the database', () => {
  let shop: Shop;
  let pool: Pool;
  before(async () => {
    shop = new Shop(`
      create table parent (id integer primary key, name text unique not null check (length(name) < 20));
      create table child (parent_id integer not null references parent);
      create table later (parent_id integer references parent deferrable initially deferred);
      create table strict_one (n integer) strict;
      create trigger refuse before delete on parent begin select raise(abort, 'parents stay'); end;
      insert into parent values (1, 'one');
    `);
    pool = await shop.open({ units: new URL('./failing-units.js', import.meta.url), errors: [Duplicate] });
  });
  after(() => shop[Symbol.asyncDispose]());

  for (const [kind, code, query, message] of [
    [
      'unique',
      'SQLITE_CONSTRAINT_PRIMARYKEY',
      sql`insert into parent values (1, 'two')`,
      'UNIQUE constraint failed: parent.id',
    ],
    [
      'unique',
      'SQLITE_CONSTRAINT_UNIQUE',
      sql`insert into parent (name) values (${'one'})`,
      'UNIQUE constraint failed: parent.name',
    ],
    [
      'not-null',
      'SQLITE_CONSTRAINT_NOTNULL',
      sql`insert into parent values (5, null)`,
      'NOT NULL constraint failed: parent.name',
    ],
    [
      'check',
      'SQLITE_CONSTRAINT_CHECK',
      sql`insert into parent (name) values (${'x'.repeat(20)})`,
      'CHECK constraint failed: length(name) < 20',
    ],
    [
      'foreign-key',
      'SQLITE_CONSTRAINT_FOREIGNKEY',
      sql`insert into child values (${99})`,
      'FOREIGN KEY constraint failed',
    ],
    ['other', 'SQLITE_CONSTRAINT_TRIGGER', sql`delete from parent`, 'parents stay'],
    [
      'check',
      'SQLITE_CONSTRAINT_DATATYPE',
      sql`insert into strict_one values (${'text'})`,
      'cannot store TEXT value in INTEGER column strict_one.n',
    ],
    ['syntax', 'SQLITE_ERROR', sql`select ${1} frm parent`, 'near "parent": syntax error'],
    ['syntax', 'SQLITE_ERROR', sql`select * from nowhere`, 'no such table: nowhere'],
    ['syntax', 'SQLITE_ERROR', sql`select missing from parent`, 'no such column: missing'],
  ] as const) {
    it(`is of the kind ${kind}: ${message}`, async () => {
      const error = (await failureOf(pool.run(query))) as unknown as DatabaseError;
      const { sql: text } = error;
      expect(error).to.be.instanceOf(DatabaseError).and.instanceOf(OffthreadError).and.instanceOf(Error);
      expect(error).to.include({ name: 'DatabaseError', kind, code, retryable: false, outcome: 'not-committed' });
      expect(error.message).to.equal(`${message} (${code})\n  in: ${text}`);
      expect(text).to.be.a('string').and.not.include('x'.repeat(20));
      expect(error.cause).to.include({ name: 'SqliteError', message, code });
    });
  }

  it('of COMMIT has no statement', async () => {
    const error = await failureOf(pool.run(sql`insert into later values (99)`));
    expect(error).to.include({
      name: 'DatabaseError',
      kind: 'foreign-key',
      code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
      outcome: 'not-committed',
      sql: undefined,
    });
    expect(await pool.run(sql`select * from later`)).to.deep.equal([]);
  });

  it('never has values in it, neither in its own words nor in its cause', async () => {
    const secret = 'hunter2, which is long enough';
    for (const query of [
      sql`insert into parent (name) values (${secret})`,
      sql`insert into child values (${secret})`,
      sql`insert into strict_one values (${secret})`,
      sql`select * from nowhere where x = ${secret}`,
    ]) {
      const error = await failureOf(pool.run(query));
      const { message, stack, cause } = error;
      const all = [message, stack, JSON.stringify(error), (cause as Error).message, (cause as Error).stack].join('\n');
      expect(all).to.not.include('hunter2');
    }
  });

  it('may be the cause of an error that says it better', async () => {
    const error = (await failureOf(pool.run('caught'))) as unknown as Duplicate;
    expect(error).to.be.instanceOf(Duplicate).and.have.property('message', 'there already');
    expect((error as { cause?: unknown }).cause)
      .to.be.instanceOf(DatabaseError)
      .and.include({ kind: 'not-null', sql: 'insert into parent (id) values (1)' });
  });

  it('shows the beginning of a long statement, and carries all of it', async () => {
    const values = Array.from({ length: 33_000 }, (_, i) => i);
    const error = await failureOf(pool.run(sql`select id from parent where id in (${sql.join(values)})`));

    const text = `select id from parent where id in (${values.map(() => '?').join(', ')})`;
    expect(error).to.be.instanceOf(DatabaseError).and.include({ sql: text });
    expect(error.message).to.equal(
      `too many SQL variables (SQLITE_ERROR)\n  in: ${text.slice(0, 1_000)}… (${text.length} characters)`,
    );
  });
});
