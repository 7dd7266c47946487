import { expect } from 'chai';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

onEach('lanes: a signal that is aborted while its call runs', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let caller: AbortController;
  const reason = { why: 'the caller has gone' };

  before(async () => {
    stage = await newStage();
    pool = await stage.open();
  });
  beforeEach(async () => {
    await pool.run('clear');
    caller = new AbortController();
  });
  afterEach(() => expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0, waiting: 0, running: 0 }));
  after(() => stage.remove());

  it('stops a write between two statements, and its lane and thread stay', async () => {
    const thread = await pool.run('writingThread');
    const gate = Gate.opened();
    const told = rejection(pool.run('work', [1, gate.buffer], { signal: caller.signal }));
    await gate.reached();
    caller.abort(reason);
    expect(await told).to.equal(reason);
    expect(await pool.run('ids')).to.deep.equal([]);
    expect(await pool.run('writingThread')).to.equal(thread);
  });

  it('stops a read between two statements, and its lane and thread stay', async () => {
    const thread = await pool.run('readingThread');
    const gate = Gate.opened();
    const told = rejection(pool.run('workReading', [gate.buffer], { signal: caller.signal }));
    await gate.reached();
    caller.abort(reason);
    expect(await told).to.equal(reason);
    expect(await pool.run('readingThread')).to.equal(thread);
  });

  it('stops a unit that catches everything: nothing of it is committed, and its neighbours are not run again', async function () {
    // Where the machine was busy for some milliseconds, the group ended before it.
    this.retries(5);
    const [gate, count] = [Gate.opened(), Gate.opened()];
    const settled = Promise.allSettled([
      pool.run('addCounted', [1, count.buffer]),
      pool.run('workOnAndOn', [2, gate.buffer], { signal: caller.signal }),
      pool.run('addCounted', [3, count.buffer]),
    ]);
    await gate.reached();
    caller.abort(reason);
    expect((await settled).map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(await pool.run('ids')).to.deep.equal([1, 3]);
    expect(count.count).to.equal(2);
  });

  it('stops one of a group of writes; its neighbours commit, and nothing of it does', async () => {
    const gate = Gate.opened();
    const settled = Promise.allSettled([
      pool.run('add', [1]),
      pool.run('work', [2, gate.buffer], { signal: caller.signal }),
      pool.run('add', [3]),
    ]);
    await gate.reached();
    caller.abort(reason);
    expect(await settled).to.deep.equal([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: 3 },
    ]);
    expect(await pool.run('ids')).to.deep.equal([1, 3]);
  });

  it('stops one of a batch of reads; its neighbours are answered', async () => {
    const gate = Gate.opened();
    const settled = Promise.allSettled([
      pool.run('one'),
      pool.run('workReading', [gate.buffer], { signal: caller.signal }),
      pool.run('one'),
    ]);
    await gate.reached();
    caller.abort(reason);
    expect(await settled).to.deep.equal([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: 1 },
    ]);
  });

  it('stops a list in its middle, and nothing of it is committed', async () => {
    const gate = Gate.opened();
    const list = [pool.plan('add', [1]), pool.plan('work', [2, gate.buffer]), pool.plan('add', [3])];
    const told = rejection(pool.run(list, { signal: caller.signal }));
    await gate.reached();
    caller.abort(reason);
    expect(await told).to.equal(reason);
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  on(dialect, 'sqlite')(
    'takes back a member that is done and waits for the COMMIT of its group; its neighbour commits',
    async function () {
      // Where the machine was busy for some milliseconds, the group has committed before.
      this.retries(5);
      const gate = new Gate();
      const told = rejection(pool.run('add', [1], { signal: caller.signal }));
      const neighbour = pool.run('addCounted', [2, gate.buffer]);
      await gate.reached();
      caller.abort(reason);
      gate.open();
      expect(await told).to.equal(reason);
      expect(await neighbour).to.equal(2);
      expect(await pool.run('ids')).to.deep.equal([2]);
      expect(gate.count).to.equal(2);
    },
  );
});
