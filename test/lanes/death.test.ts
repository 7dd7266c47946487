import { expect } from 'chai';
import { LaneLostError } from 'offthread';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

onEach('lanes: a thread that dies takes only its culprit with it', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2, resourceLimits: { maxOldGenerationSizeMb: 48 } });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  const deaths = [
    ['death.exit', 'worker exited with code: 3'],
    ['death.exhaust', 'Worker terminated due to reaching memory limit: JS heap out of memory'],
  ] as const;
  for (const [name, reason] of deaths) {
    on(dialect, name === 'death.exit' ? dialect : 'sqlite')(
      `${name}: its caller is told why, its neighbours commit, and the pool heals`,
      async () => {
        const { lanesLost } = pool.stats();
        const culprit = rejection(pool.run(name, [2]));
        const count = Gate.opened();
        const others = [1, 3, 4].map((id) => pool.run('addCounted', [id, count.buffer]));
        const error = await culprit;
        expect(error).to.be.instanceOf(LaneLostError);
        expect(error).to.include({ code: 'OFFTHREAD_LANE_LOST', outcome: 'not-committed', retryable: false, reason });
        expect(error.message).to.equal(
          `The thread that ran the unit '${name}' ended (${reason}). Nothing of it was committed, unless outcome says unknown. The pool has started another thread.`,
        );
        expect(await Promise.all(others)).to.deep.equal([1, 3, 4]);
        expect(await pool.run('ids')).to.deep.equal([1, 3, 4]);
        expect(pool.stats().lanesLost).to.equal(lanesLost + 1);
        expect(pool.stats().lanes).to.have.length(2);
      },
    );
  }

  on(dialect, 'sqlite')('in a group: members that had run before it run again, and commit once', async function () {
    // Where the machine was busy for some milliseconds, they have committed before.
    this.retries(5);
    const count = Gate.opened();
    const calls = [pool.run('addCounted', [1, count.buffer]), pool.run('death.exit', [2])];
    const [neighbour, culprit] = await Promise.allSettled(calls);
    expect(neighbour).to.deep.equal({ status: 'fulfilled', value: 1 });
    expect(culprit).to.have.nested.property('reason.code', 'OFFTHREAD_LANE_LOST');
    expect(await pool.run('ids')).to.deep.equal([1]);
    expect(count.count).to.equal(2);
  });

  it('on a reader: the reads around it are answered', async () => {
    const calls = [pool.run('one'), pool.run('death.exitReading'), pool.run('one'), pool.run('ids')];
    const [first, culprit, ...rest] = await Promise.allSettled(calls);
    expect([first, ...rest].map((each) => each?.status)).to.deep.equal(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(culprit).to.have.nested.property('reason.reason', 'worker exited with code: 4');
  });

  on(dialect, 'sqlite')(
    'alone, behind a commit of its own: the one before it is told that it is committed',
    async () => {
      // Both are known to take the raw connection, and run alone.
      await Promise.allSettled([pool.run('hazard.useRaw', [1]), pool.run('death.exitRaw', [2])]);
      for (let i = 0; i < 2; i++) {
        const calls = [pool.run('hazard.useRaw', [10 + i]), pool.run('death.exitRaw', [2]), pool.run('add', [20 + i])];
        const [before, culprit, behind] = await Promise.allSettled(calls);
        expect(before).to.deep.equal({ status: 'fulfilled', value: undefined });
        expect(culprit).to.have.nested.property('reason.code', 'OFFTHREAD_LANE_LOST');
        expect(behind).to.deep.equal({ status: 'fulfilled', value: 20 + i });
      }
      expect(await pool.run('ids')).to.deep.equal([1, 10, 11, 20, 21]);
    },
  );

  it('outside of a transaction: its caller is told that nobody knows', async () => {
    const error = await rejection(pool.run('death.exit', [1], { transaction: false }));
    expect(error).to.include({ code: 'OFFTHREAD_LANE_LOST', outcome: 'unknown' });
    expect(await pool.run('ids')).to.deep.equal([1]);
  });

  on(dialect, 'sqlite')(
    'by a timer that outlived its unit: the unit has its answer, and later calls have theirs',
    async () => {
      const { lanesLost } = pool.stats();
      expect(await pool.run('death.strayTimer', [1])).to.equal(1);
      // The timer rings when the thread's event loop turns: between two of the lane's tasks, while what a unit printed is leaving.
      let id = 2;
      do expect(await pool.run('death.addPrinting', [id])).to.equal(id);
      while (++id < 4 || pool.stats().lanesLost === lanesLost);
      expect(await pool.run('ids')).to.have.length(id - 1);
      expect(pool.stats().lanesLost).to.equal(lanesLost + 1);
    },
  );

  for (const name of ['death.throwOddly', 'death.throwTrap'] as const) {
    it(`${name}, whose error can hardly be told, costs nobody anything else`, async () => {
      const { lanesLost } = pool.stats();
      const settled = await Promise.allSettled([pool.run('add', [1]), pool.run(name, [2]), pool.run('add', [3])]);
      expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect((settled[1] as PromiseRejectedResult).reason).to.be.instanceOf(Error);
      expect(await pool.run('add', [4])).to.equal(4);
      expect(await pool.run('ids')).to.deep.equal([1, 3, 4]);
      expect(pool.stats().lanesLost).to.equal(lanesLost);
    });
  }

  on(dialect, 'sqlite')(
    'by a unit that closes its connection: it fails alone, and the next ones have another',
    async () => {
      const { lanesLost } = pool.stats();
      const [first, culprit, last] = await Promise.allSettled([
        pool.run('add', [1]),
        pool.run('death.closeRaw', [2]),
        pool.run('add', [3]),
      ]);
      expect([first, last].map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled']);
      expect(culprit).to.have.property('status', 'rejected');
      expect(await pool.run('add', [4])).to.equal(4);
      expect(await pool.run('ids')).to.deep.equal([1, 3, 4]);
      expect(pool.stats().lanesLost).to.equal(lanesLost + 1);
    },
  );

  on(dialect, 'sqlite')('by a read that closes its connection: it is answered, not run again and again', async () => {
    const { lanesLost } = pool.stats();
    const calls = [pool.run('one'), pool.run('death.closeRawReading'), pool.run('one'), pool.run('ids')];
    expect(await Promise.all(calls.map((call) => call.catch(() => undefined)))).to.deep.equal([1, undefined, 1, []]);
    expect(await pool.run('one')).to.equal(1);
    expect(pool.stats().lanesLost).to.equal(lanesLost + 1);
  });
});
