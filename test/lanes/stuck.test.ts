import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { TimeoutError } from 'offthread';
import { rejection } from './rejection.js';
import { type Notes, Stage } from './stage.js';

/** How many rows SQLite counts in about 0.7 seconds on this machine: a statement that hangs, but ends by itself. */
function rowsThatTakeLong(): number {
  const connection = new Database(':memory:');
  const rows = 200_000;
  const statement = connection.prepare(
    'with recursive c(x) as (select 1 union all select x + 1 from c limit ?) select count(*) from c',
  );
  statement.get(rows);
  const start = performance.now();
  statement.get(rows);
  const rate = rows / (performance.now() - start);
  connection.close();
  return Math.ceil(rate * 700);
}

describe('lanes: a statement that hangs inside of the driver', () => {
  let stage: Stage;
  let pool: Notes;
  let many: number;

  before(async () => {
    many = rowsThatTakeLong();
    stage = new Stage();
    pool = await stage.open();
  });
  after(() => stage.remove());

  const lanes = (of = pool) =>
    of.stats().lanes.map(({ role, state }) => `${role} ${state === 'retired' ? state : 'serves'}`);
  /** Waits until the lanes are as told. */
  async function until(...wanted: string[]): Promise<void> {
    const end = performance.now() + 10_000;
    while (lanes().sort().join() !== wanted.join() && performance.now() < end) await pause(5);
    expect(lanes().sort()).to.deep.equal(wanted);
  }

  it('on a reader: its caller is answered, and other reads go on through a substitute until it returns', async () => {
    const { retired, lost } = counts();
    // Longer than it takes to start a thread on a busy machine.
    const told = rejection(pool.run('count', [3 * many], { timeout: 60 }));
    const behind = pool.run('one');
    expect(await told)
      .to.be.instanceOf(TimeoutError)
      .and.include({ outcome: 'not-committed' });
    expect(await behind).to.equal(1);
    const substitute = await pool.run('readingThread');
    expect(lanes()).to.include('reader retired');
    expect(await Promise.all([pool.run('one'), pool.run('ids')])).to.deep.equal([1, []]);
    expect(lanes()).to.include('reader retired');
    expect(pool.stats().running).to.equal(0);
    await until('reader serves', 'writer serves');
    expect(await pool.run('readingThread')).to.equal(substitute);
    expect(counts()).to.deep.equal({ retired: retired + 1, lost });
  });

  it('on one reader after the other: threads that were stuck once serve again, and are seen when they hang again', async () => {
    const { retired, lost } = counts();
    for (let i = 1; i <= 3; i++) {
      expect(await rejection(pool.run('count', [many], { timeout: 60 }))).to.include({ code: 'OFFTHREAD_TIMEOUT' });
      expect(await Promise.all([pool.run('one'), pool.run('ids')])).to.deep.equal([1, []]);
      await until('reader serves', 'writer serves');
      expect(counts()).to.deep.equal({ retired: retired + i, lost });
    }
  });

  it('on a reader and its substitute at once: reads wait, and are served when one returns', async () => {
    for (let i = 0; i < 2; i++)
      expect(await rejection(pool.run('count', [many], { timeout: 60 }))).to.include({ code: 'OFFTHREAD_TIMEOUT' });
    expect(await Promise.all([pool.run('one'), pool.run('ids')])).to.deep.equal([1, []]);
    await until('reader serves', 'writer serves');
  });

  it('on the writer: its caller is answered, waiting writes are served when it has returned, by the same thread', async () => {
    const { retired, lost } = counts();
    const thread = await pool.run('writingThread');
    const neighbours = [pool.run('add', [1])];
    const told = rejection(pool.run('countWriting', [2, many], { timeout: 60 }));
    neighbours.push(pool.run('add', [3]));
    expect(await told).to.include({ code: 'OFFTHREAD_TIMEOUT', outcome: 'not-committed' });
    await until('reader serves', 'writer retired');
    neighbours.push(pool.run('add', [4]));
    expect(await pool.run('one')).to.equal(1);
    expect(lanes()).to.deep.equal(['writer retired', 'reader serves']);
    expect(await Promise.all(neighbours)).to.deep.equal([1, 3, 4]);
    expect(await pool.run('ids')).to.deep.equal([1, 3, 4]);
    expect(await pool.run('writingThread')).to.equal(thread);
    await until('reader serves', 'writer serves');
    expect(counts()).to.deep.equal({ retired: retired + 1, lost });
  });

  it('on the raw connection of the writer, when a signal wants it ended: as any other', async () => {
    const { retired, lost } = counts();
    const thread = await pool.run('writingThread');
    const signal = AbortSignal.timeout(60);
    expect(await rejection(pool.run('countRaw', [many], { signal }))).to.equal(signal.reason);
    await until('reader serves', 'writer retired');
    expect(await pool.run('writingThread')).to.equal(thread);
    expect(counts()).to.deep.equal({ retired: retired + 1, lost });
  });

  it('on the one lane of sqlite::memory: the database is there when it has returned', async () => {
    const memory = await stage.open({ database: 'sqlite::memory:', threads: undefined });
    await memory.run('add', [1]);
    expect(await rejection(memory.run('count', [many], { timeout: 60 }))).to.include({ code: 'OFFTHREAD_TIMEOUT' });
    expect(await Promise.all([memory.run('ids'), memory.run('add', [2]), memory.run('ids')])).to.deep.equal([
      [1],
      2,
      [1, 2],
    ]);
    expect(lanes(memory)).to.deep.equal(['both serves']);
    expect(memory.stats()).to.include({ lanesLost: 0, lanesRetired: 1 });
    await memory.close();
  });

  const counts = () => ({ retired: pool.stats().lanesRetired, lost: pool.stats().lanesLost });
});
