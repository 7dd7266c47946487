import { expect } from 'chai';
import { TimeoutError } from 'offthread';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

const wayOut = 'Nothing of it was committed, unless outcome says unknown. Make it shorter, or raise timeout.';

onEach('lanes: timeout', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open();
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('stops a write between two statements; nothing of it is committed, and its lane stays', async () => {
    const error = await rejection(pool.run('work', [1, Gate.opened().buffer], { timeout: 60 }));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ code: 'OFFTHREAD_TIMEOUT', outcome: 'not-committed', retryable: false, timeout: 60 });
    expect(error.message).to.equal(`The unit 'work' ran longer than timeout = 60 ms and was stopped. ${wayOut}`);
    expect(await pool.run('ids')).to.deep.equal([]);
    expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('stops a read between two statements', async () => {
    const error = await rejection(pool.run('workReading', [Gate.opened().buffer], { timeout: 60 }));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error.message).to.equal(`The unit 'workReading' ran longer than timeout = 60 ms and was stopped. ${wayOut}`);
    expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('names the list that was too long', async () => {
    const list = [pool.plan('add', [1]), pool.plan('work', [2, Gate.opened().buffer])];
    const error = await rejection(pool.run(list, { timeout: 60 }));
    expect(error.message).to.equal(`The list of 2 plans ran longer than timeout = 60 ms and was stopped. ${wayOut}`);
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  it('of one in a group or a batch leaves its neighbours right', async () => {
    const settled = await Promise.allSettled([
      pool.run('add', [1]),
      pool.run('work', [2, Gate.opened().buffer], { timeout: 60 }),
      pool.run('add', [3]),
      pool.run('one'),
      pool.run('workReading', [Gate.opened().buffer], { timeout: 60 }),
      pool.run('one'),
    ]);
    expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.constructor))).to.deep.equal([
      1,
      TimeoutError,
      3,
      1,
      TimeoutError,
      1,
    ]);
    expect(await pool.run('ids')).to.deep.equal([1, 3]);
  });

  it('counts from the claim, not from the submission', async () => {
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    const patient = pool.run('add', [1], { timeout: 150 });
    await rejection(pool.run('add', [2], { queueTimeout: 300 }));
    gate.open();
    expect(await patient).to.equal(1);
    await held;
  });

  on(dialect, 'sqlite')('counts over all attempts', async () => {
    await pool.run('add', [1]);
    // First in the group that it breaks, then alone: each time less than the timeout, together more.
    const [neighbour, told] = await Promise.allSettled([
      pool.run('add', [2]),
      pool.run('hazard.breakSlowly', [3, 250], { timeout: 400 }),
    ]);
    expect(neighbour).to.have.property('status', 'fulfilled');
    expect(told).to.have.nested.property('reason.code', 'OFFTHREAD_TIMEOUT');
  });

  it('of Infinity is none, and so is one that no timer can hold', async () => {
    for (const timeout of [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])
      expect(await pool.run('one', [], { timeout, queueTimeout: timeout })).to.equal(1);
  });

  it('of pool.with holds for its calls, and that of the call goes before it', async () => {
    const hasty = pool.with({ timeout: 60 });
    const error = await rejection(hasty.units.work(1, Gate.opened().buffer));
    expect(error).to.include({ timeout: 60 });
    expect(await hasty.run('sleep', [150], { timeout: 10_000 })).to.equal(undefined);
  });
});
