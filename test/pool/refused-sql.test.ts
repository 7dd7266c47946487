import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const hint =
  'Use pool.transaction(fn), a unit or a list of plans for a transaction, savepoint(fn) within it, and the setup module for ATTACH and pragmas.';

describe('SQL that rearranges what the pool does itself', () => {
  let shop: Shop;
  let pool: Pool;
  before(async () => {
    shop = new Shop();
    pool = await shop.open({ units: new URL('./plain-units.js', import.meta.url), threads: 2 });
  });
  after(() => shop[Symbol.asyncDispose]());

  for (const text of [
    'begin',
    'BEGIN IMMEDIATE',
    'commit',
    'End Transaction',
    'rollback',
    'rollback to x',
    'savepoint x',
    'release x',
    "attach 'other.db' as other",
    'detach other',
    '  ;; /* why */ -- because\n begin',
    'begin/* */immediate',
    'pragma foreign_keys = off',
    'pragma foreign_keys(0)',
    'PRAGMA main.synchronous = 0',
    'pragma "query_only" = 1',
    'pragma/* why */recursive_triggers = on',
    'pragma -- why\n ignore_check_constraints = on',
    'pragma main /**/ . /**/ cache_size = 5',
    'pragma busy_timeout = 0',
    'pragma locking_mode = exclusive',
    'pragma writable_schema = on',
  ]) {
    it(`is refused with the way out: ${JSON.stringify(text)}`, async () => {
      for (const call of [
        () => pool.run(sql`${sql.raw(text)}`),
        () => pool.run([sql`select 1`, sql`${sql.raw(text)}`]),
        () => pool.run(sql`${sql.raw(text)}`, { transaction: false }),
        () => pool.run('runText', [text]),
      ]) {
        const error = await failureOf(call);
        const shown = text.replace(/^[\s;]*\/\* why \*\/ -- because\n /, '');
        expect(error.message).to.equal(
          `'${shown}' controls the transaction or the connection, which the pool does itself. ${hint}`,
        );
        expect(error).to.include({ name: 'TransactionControlError', code: 'OFFTHREAD_TRANSACTION_CONTROL' });
      }
    });
  }

  for (const text of [
    'pragma table_info(user)',
    'pragma foreign_keys',
    'pragma user_version',
    'pragma user_version = 5',
    'pragma index_list("user")',
    'pragma integrity_check',
    'select 1 as "begin"',
    "select 'commit' as commitment",
    'explain query plan select * from user',
    'analyze',
    'with beginning as (select 1) select * from beginning',
  ]) {
    it(`is not what only looks like it: ${text}`, async () => {
      const answer = await pool.run(sql`${sql.raw(text)}`);
      expect(Array.isArray(answer) || 'changes' in answer).to.equal(true);
    });
  }

  it('is refused with a NUL in it, behind which nothing would be read', async () => {
    const error = await failureOf(pool.run(sql`${sql.raw('select 1\0; drop table user')}`));
    expect(error.message).to.match(/^SQL text takes no NUL character: bind the value, not '/);
    expect(error).to.be.instanceOf(TypeError);
  });
});

describe('SQL that runs outside of a transaction only', () => {
  it('is no busy database, though a checkpoint says so: it is told how, and not to try again', async () => {
    await using shop = new Shop();
    const pool = await shop.open();
    await pool.run(sql`insert into user (name) values ('Eve')`);
    const checkpoint = sql`pragma wal_checkpoint(truncate)`;
    const error = await failureOf(pool.run(checkpoint));
    expect(error.message).to.match(/Run it outside of one: .*\{ transaction: false \}/);
    expect(error).to.include({ code: 'SQLITE_LOCKED', kind: 'other', retryable: false });
    expect(await pool.run(checkpoint, { transaction: false })).to.deep.equal([{ busy: 0, log: 0, checkpointed: 0 }]);
  });

  it('says how, and runs so', async () => {
    await using shop = new Shop();
    const pool = await shop.open();
    const error = await failureOf(pool.run(sql`vacuum`));
    expect(error.message).to.match(/^cannot VACUUM from within a transaction \(SQLITE_ERROR\)\n {2}in: vacuum\n/);
    expect(error.message).to.match(/Run it outside of one: .*\{ transaction: false \}/);
    expect(error).to.have.property('retryable', false);
    expect(error).to.include({ name: 'DatabaseError', sql: 'vacuum' });
    expect(await pool.run(sql`vacuum`, { transaction: false })).to.deep.equal({ changes: 0, insertId: undefined });
    expect(await pool.with({ transaction: false }).run(sql`vacuum`)).to.deep.equal({ changes: 0, insertId: undefined });
    const copy = shop.path('copy.db');
    await pool.run(sql`vacuum into ${copy}`, { transaction: false });
    const copied = await shop.open({ database: `sqlite:${copy}` });
    expect(await copied.run(sql`select name from user order by id`)).to.deep.equal([
      { name: 'Ada' },
      { name: 'Grace' },
    ]);
  });

  it('commits each of its statements: what fails half-way says that the outcome is unknown', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ units: new URL('./plain-units.js', import.meta.url) });
    const list = [
      sql`insert into user (id, name) values (50, 'first')`,
      sql`insert into user (id, name) values (1, 'second')`,
    ];
    for (const call of [
      () => pool.run(list, { transaction: false }),
      () => pool.run('insertTwice', [51], { transaction: false }),
    ]) {
      const error = await failureOf(call);
      expect(error).to.include({ name: 'DatabaseError', kind: 'unique', outcome: 'unknown' });
    }
    expect(shop.outside.prepare('select id from user order by id').pluck().all()).to.deep.equal([1, 2, 50, 51]);
  });

  it('says that nothing was committed where it is a single statement', async () => {
    await using shop = new Shop();
    const pool = await shop.open();
    const error = await failureOf(pool.run(sql`insert into user values (1)`, { transaction: false }));
    expect(error).to.include({ name: 'DatabaseError', outcome: 'not-committed' });
  });
});
