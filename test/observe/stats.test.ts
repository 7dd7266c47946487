import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { failureOf } from '../pool/failure.js';
import { newStage, onEach, plainUnits, type Stage } from './stage.js';

onEach("a pool's statistics", (dialect) => {
  let stage: Stage;
  afterEach(() => stage.remove());

  it('name what holds each lane and for how long, and how long the first waits behind it', async () => {
    stage = await newStage(dialect, { units: plainUnits, threads: 1 });
    const { pool } = stage;
    const gate = new Gate();
    const holding = pool.run('holdWriting', [gate.buffer]);
    await gate.reached();
    // Two batches are with the lane at most: what comes then waits in the queue.
    const behind = [pool.run(sql`select 1`)];
    await pause(1);
    behind.push(pool.run(sql`select 2`));
    await pause(20);
    const { waiting, oldestWait, lanes } = pool.stats();
    expect(waiting).to.equal(1);
    expect(oldestWait).to.be.above(10);
    expect(lanes).to.have.length(1);
    expect(lanes[0]).to.include({ state: 'busy', calls: 2 });
    expect(lanes[0]?.current?.what).to.equal("the unit 'holdWriting'");
    expect(lanes[0]?.current?.for).to.be.above(20);
    gate.open();
    await Promise.all([holding, ...behind]);
    expect(pool.stats()).to.include({ waiting: 0, oldestWait: 0 });
    expect(pool.stats().lanes[0]).to.not.have.property('current');
  });

  it('have how long calls have waited and run', async () => {
    stage = await newStage(dialect, { units: plainUnits, threads: 1 });
    const { pool } = stage;
    const before = pool.stats();
    await Promise.all([pool.run('spin', [60]), pool.run('spin', [1])]);
    const { waits, runs, lanes } = pool.stats();
    expect(runs.count).to.equal(before.runs.count + 2);
    expect(waits.count).to.equal(before.waits.count + 2);
    expect(runs.max).to.be.at.least(60);
    expect(waits.max).to.be.at.least(60);
    expect(runs.p99).to.be.at.most(runs.max);
    expect(runs.mean * runs.count).to.be.at.least(61);
    expect(lanes[0]?.served).to.equal((before.lanes[0]?.served ?? 0) + 2);
  });

  it('count what waited in vain, and what was stopped', async () => {
    stage = await newStage(dialect, { units: plainUnits, threads: 1 });
    const { pool } = stage;
    const gate = new Gate();
    const holding = pool.run('holdWriting', [gate.buffer]);
    await gate.reached();
    const { waits, runs } = pool.stats();
    await failureOf(pool.run(sql`select 1`, { queueTimeout: 30 }));
    expect(pool.stats().waits.count).to.equal(waits.count + 1);
    expect(pool.stats().waits.max).to.be.at.least(29);
    gate.open();
    await holding;
    await failureOf(pool.run('spin', [10_000], { timeout: 40 }));
    expect(pool.stats().runs.count).to.equal(runs.count + 2);
    expect(pool.stats().runs.max).to.be.at.least(39);
  });

  it('count the writes that shared a commit, also those of lanes that are gone', async () => {
    stage = await newStage(dialect, { units: plainUnits, threads: 1 });
    const { pool } = stage;
    const groups = { count: 0, writes: 0, largest: 0 };
    expect(pool.stats().groups).to.deep.equal(groups);
    await pool.run(sql`update author set name = ${'Ada'}`);
    // A group commits early where it takes long, as on a machine that has much else to do.
    const isShared = () => dialect === 'mysql' || pool.stats().groups.count === 1;
    for (let i = 0; i === 0 || (i < 50 && !isShared()); i++)
      await Promise.all([1, 2].map(() => pool.run(sql`update author set name = ${'Ada'}`)));
    const shared = dialect === 'sqlite' ? { count: 1, writes: 2, largest: 2 } : groups;
    expect(pool.stats().groups).to.deep.equal(shared);
    await failureOf(pool.run('exit'));
    await pool.run(sql`update author set name = ${'Ada'}`);
    expect(pool.stats().groups).to.deep.equal(shared);
  });
});
