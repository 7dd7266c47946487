import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { DatabaseError, sql } from 'offthread';
import { rejection } from './rejection.js';
import { type Notes, Stage } from './stage.js';

describe('lanes: a lock that another process holds', () => {
  let stage: Stage;
  let hasty: Notes;
  let patient: Notes;
  let other: ChildProcess;

  before(async () => {
    stage = new Stage();
    hasty = await stage.open({ sqlite: { busyTimeout: 120 } });
    patient = await stage.open({ sqlite: { busyTimeout: 10_000 } });
    other = fork(fileURLToPath(new URL('./locker.js', import.meta.url)), [stage.file]);
    await once(other, 'message');
  });
  beforeEach(async () => {
    await hasty.run('clear');
    await tell('lock');
  });
  afterEach(() => tell('release'));
  after(async () => {
    other.disconnect();
    await once(other, 'exit');
    await stage.remove();
  });

  async function tell(command: 'lock' | 'release'): Promise<void> {
    other.send(command);
    await once(other, 'message');
  }
  const release = async (after: number) => {
    await pause(after);
    await tell('release');
  };

  it('takes nothing from the time of a call whose neighbour waited for it, and gave up', async () => {
    const caller = new AbortController();
    const first = rejection(patient.run('add', [1], { signal: caller.signal }));
    const second = patient.run('add', [2], { timeout: 1_000 });
    await pause(1_500);
    caller.abort();
    await first;
    // Its own second has begun now, and is looked at before it is over.
    await release(700);
    expect(await second).to.equal(2);
    expect(await patient.run('ids')).to.deep.equal([2]);
  });

  it("is waited for until busyTimeout: then the error's kind is 'busy', and the pool works on", async () => {
    const error = await rejection<DatabaseError>(hasty.run('add', [1]));
    expect(error).to.be.instanceOf(DatabaseError);
    expect(error).to.include({ kind: 'busy', code: 'SQLITE_BUSY', retryable: true, outcome: 'not-committed' });
    expect(error.message).to.match(/^database is locked/);
    await tell('release');
    expect(await hasty.run('add', [2])).to.equal(2);
    expect(await hasty.run('ids')).to.deep.equal([2]);
    expect(hasty.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('is waited for once by all writes that wait together', async () => {
    const settled = await Promise.allSettled([1, 2, 3, 4].map((id) => hasty.run('add', [id])));
    expect(settled.map((each) => each.status === 'rejected' && each.reason.kind)).to.deep.equal(
      new Array(4).fill('busy'),
    );
    await tell('release');
    expect(await hasty.run('ids')).to.deep.equal([]);
  });

  it('that is released in time lets them all commit, in their order', async () => {
    const calls = ['a', 'b', 'c'].map((body) => patient.run('append', [body]));
    await release(150);
    await Promise.all(calls);
    expect(await patient.run('bodies')).to.deep.equal(['a', 'b', 'c']);
  });

  it('keeps no read waiting', async () => {
    expect(await Promise.all([hasty.run('ids'), patient.run('ids'), patient.run(sql`select 1 as one`)])).to.deep.equal([
      [],
      [],
      [{ one: 1 }],
    ]);
  });

  it('does not make a timeout longer', async () => {
    const error = await rejection(patient.run('add', [1], { timeout: 80 }));
    expect(error).to.include({ code: 'OFFTHREAD_TIMEOUT', outcome: 'not-committed' });
    await tell('release');
    expect(await patient.run('add', [2])).to.equal(2);
    expect(await patient.run('ids')).to.deep.equal([2]);
    expect(patient.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('does not hold up a signal; those that wait with it go on', async () => {
    const caller = new AbortController();
    const first = rejection(patient.run('append', ['gone'], { signal: caller.signal }));
    const others = ['a', 'b'].map((body) => patient.run('append', [body]));
    await pause(60);
    caller.abort('gone');
    expect(await first).to.equal('gone');
    await release(60);
    await Promise.all(others);
    expect(await patient.run('bodies')).to.deep.equal(['a', 'b']);
    expect(patient.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('is waited for by a statement outside of a transaction too', async () => {
    const calls = [
      patient.run(sql`vacuum`, { transaction: false }),
      patient.run(sql`insert into note (id) values (1)`, { transaction: false }),
    ];
    await release(150);
    expect(await Promise.all(calls)).to.deep.equal([
      { changes: 0, insertId: undefined },
      { changes: 1, insertId: 1 },
    ]);
  });

  it('that comes and goes loses no write and makes none twice', async () => {
    await tell('release');
    const ids = Array.from({ length: 40 }, (_, i) => i + 1);
    let isOver = false;
    const flicker = (async () => {
      while (!isOver) {
        await tell('lock');
        await pause(10);
        await tell('release');
        await pause(10);
      }
    })();
    for (const id of ids) await patient.run('add', [id]);
    isOver = true;
    await flicker;
    expect(await patient.run('ids')).to.deep.equal(ids);
  });

  it('that another pool of this process holds is waited for alike: no write is lost', async () => {
    await tell('release');
    const ids = Array.from({ length: 60 }, (_, i) => i + 1);
    await Promise.all(
      ids.map(async (id) => {
        await (id % 2 === 0 ? patient : hasty).run('add', [id]);
      }),
    );
    expect(await hasty.run('ids')).to.deep.equal(ids);
  });

  it('is not waited for by close() for longer than it is told', async () => {
    const pool = await openWhileReleased();
    const told = rejection(pool.run('add', [1]));
    await pool.close({ timeout: 80 });
    expect(await told).to.include({ code: 'OFFTHREAD_POOL_CLOSED', outcome: 'not-committed' });
    expect(await hasty.run('ids')).to.deep.equal([]);
  });
  async function openWhileReleased(): Promise<Notes> {
    await tell('release');
    const pool = await stage.open({ threads: 1 });
    await tell('lock');
    return pool;
  }

  it('keeps no pool from opening: the first write is told of it, where it does not go away', async () => {
    const pool = await stage.open({ threads: 1, sqlite: { busyTimeout: 60 } });
    const error = await rejection<DatabaseError>(pool.run('add', [1]));
    expect(error).to.be.instanceOf(DatabaseError).and.include({ kind: 'busy' });
    await release(0);
    expect(await pool.run('add', [2])).to.equal(2);
    await pool.close();
  });
});
