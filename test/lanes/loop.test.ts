import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { TimeoutError } from 'offthread';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

const wayOut = 'Nothing of it was committed, unless outcome says unknown. Make it shorter, or raise timeout.';

onEach('lanes: a unit in an endless JavaScript loop is ended, and its lane replaced', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  /** What remains of a unit that loops: one lane lost, all lanes there, and the lock free. */
  async function expectHealed(lost: number): Promise<void> {
    // Beside others on a server nobody waits until it has been given up.
    while (pool.stats().lanesLost < lost) await pause(5);
    expect(await pool.run('add', [1000])).to.equal(1000);
    await pool.run('remove', [1000]);
    await pool.ping();
    const { lanes, lanesLost, lanesRetired } = pool.stats();
    expect(lanes.map(({ role }) => role).sort()).to.deep.equal(
      dialect === 'sqlite' ? ['reader', 'writer'] : ['both', 'both'],
    );
    expect({ lanesLost, lanesRetired }).to.deep.equal({ lanesLost: lost, lanesRetired: 0 });
  }

  it('on the writer: its lock is free, and the next write commits', async () => {
    const { lanesLost } = pool.stats();
    const error = await rejection(pool.run('death.loop', [1], { timeout: 60 }));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error.message).to.equal(`The unit 'death.loop' ran longer than timeout = 60 ms and was stopped. ${wayOut}`);
    expect(await pool.run('add', [2])).to.equal(2);
    expect(await pool.run('ids')).to.deep.equal([2]);
    await expectHealed(lanesLost + 1);
  });

  it('on a reader, when a signal wants it', async () => {
    const { lanesLost } = pool.stats();
    const signal = AbortSignal.timeout(60);
    expect(await rejection(pool.run('death.loopReading', [], { signal }))).to.equal(signal.reason);
    expect(await pool.run('one')).to.equal(1);
    await expectHealed(lanesLost + 1);
  });

  it('among other writes: those before it and behind it commit, each once', async () => {
    const { lanesLost } = pool.stats();
    const count = Gate.opened();
    const add = (id: number) => pool.run('addCounted', [id, count.buffer]);
    const settled = await Promise.allSettled([
      add(1),
      add(2),
      pool.run('death.loop', [3], { timeout: 60 }),
      add(4),
      pool.run([pool.plan('add', [5])]),
    ]);
    expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).to.deep.equal([
      1,
      2,
      'OFFTHREAD_TIMEOUT',
      4,
      [5],
    ]);
    expect(await pool.run('ids')).to.deep.equal([1, 2, 4, 5]);
    await expectHealed(lanesLost + 1);
  });

  on(dialect, 'sqlite')('in a batch of reads: those before it and behind it are answered', async () => {
    const { lanesLost } = pool.stats();
    const settled = await Promise.allSettled([
      pool.run('one'),
      pool.run('death.loopReading', [], { timeout: 60 }),
      pool.run('one'),
      pool.run('ids'),
    ]);
    expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).to.deep.equal([
      1,
      'OFFTHREAD_TIMEOUT',
      1,
      [],
    ]);
    await expectHealed(lanesLost + 1);
  });

  on(dialect, 'sqlite')(
    'with the raw connection in its hands: its neighbours are told that they are committed',
    async () => {
      const { lanesLost } = pool.stats();
      const settled = await Promise.allSettled([
        pool.run('add', [1]),
        pool.run('death.loopRaw', [2], { timeout: 60 }),
        pool.run('add', [3]),
      ]);
      expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).to.deep.equal([
        1,
        'OFFTHREAD_TIMEOUT',
        3,
      ]);
      expect(await pool.run('ids')).to.deep.equal([1, 3]);
      await expectHealed(lanesLost + 1);
    },
  );

  on(dialect, 'sqlite')(
    'over statements of the raw connection: its lock is free, and the next write commits',
    async () => {
      const error = await rejection(pool.run('death.loopOverRaw', [1], { timeout: 60 }));
      expect(error).to.include({ code: 'OFFTHREAD_TIMEOUT' });
      expect(await pool.run('add', [2], { queueTimeout: 3_000 })).to.equal(2);
      expect(await pool.run('ids')).to.deep.equal([2]);
    },
  );

  it('outside of a transaction: what it did is done, and the error says that it does not know', async () => {
    const { lanesLost } = pool.stats();
    const error = await rejection(pool.run('death.loopDrowsily', [1], { timeout: 60, transaction: false }));
    expect(error).to.be.instanceOf(TimeoutError).and.include({ outcome: 'unknown' });
    expect(await pool.run('add', [2])).to.equal(2);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
    await expectHealed(lanesLost + 1);
  });

  on(dialect, 'sqlite')('on the one lane for both', async () => {
    const single = await stage.open({ threads: 1 });
    const settled = await Promise.allSettled([
      single.run('one'),
      single.run('add', [1]),
      single.run('death.loop', [2], { timeout: 60 }),
      single.run('add', [3]),
      single.run('death.loopReading', [], { timeout: 60 }),
      single.run('ids'),
    ]);
    expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).to.deep.equal([
      1,
      1,
      'OFFTHREAD_TIMEOUT',
      3,
      'OFFTHREAD_TIMEOUT',
      [1, 3],
    ]);
    const { lanes, ...stats } = single.stats();
    expect(stats).to.include({ lanesLost: 2, lanesRetired: 0 });
    expect(lanes).to.have.length(1);
    expect(lanes[0]).to.include({ role: 'both', state: 'idle', calls: 0 });
    await single.close();
  });
});
