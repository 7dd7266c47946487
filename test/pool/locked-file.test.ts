import { expect } from 'chai';
import { createPool, sql } from 'offthread';
import { Scratch } from '../scratch.js';
import { failureOf } from './failure.js';

describe('a database that another holds exclusively', () => {
  let scratch: Scratch;

  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(() => scratch.remove());

  function lock() {
    const holder = scratch.open();
    holder.exec('create table note (id integer primary key); insert into note values (1); begin exclusive');
    return holder;
  }

  it('is opened when its lock is let go in time', async () => {
    const holder = lock();
    const opening = createPool({ database: `sqlite:${scratch.file()}`, threads: 1 });
    setTimeout(() => holder.exec('commit'), 300);
    await using pool = await opening;
    expect(holder.inTransaction).to.equal(false);
    expect(await pool.run(sql`select * from note`)).to.deep.equal([{ id: 1 }]);
  });

  it('is not opened when it is not, and the error says that it is busy', async () => {
    const holder = lock();
    const opening = createPool({ database: `sqlite:${scratch.file()}`, threads: 1, sqlite: { busyTimeout: 100 } });
    const error = await opening.then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'busy', code: 'SQLITE_BUSY', retryable: true });
    holder.exec('rollback');
  });
});

describe('a database that another writes just now', () => {
  it('is opened, and read; a write waits', async () => {
    const scratch = new Scratch();
    const holder = scratch.writer(
      'create table note (id integer primary key); begin immediate; insert into note values (1)',
    );
    await using pool = await createPool({
      database: `sqlite:${scratch.file()}`,
      threads: 2,
      sqlite: { busyTimeout: 100 },
    });
    expect(await pool.run(sql`select * from note`)).to.deep.equal([]);
    const insert = sql`insert into note values (2)`;
    expect(await failureOf(pool.run(insert))).to.include({ kind: 'busy' });
    holder.exec('commit');
    await pool.run(insert);
    expect(await pool.run(sql`select * from note`)).to.deep.equal([{ id: 1 }, { id: 2 }]);
    await pool.close();
    scratch.remove();
  });
});
