import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { sql } from 'offthread';
import { onEach } from './dialects.js';
import { Gate } from './gate.js';
import { MysqlStage } from './mysql-stage.js';
import { rejection } from './rejection.js';
import { type Notes, Stage } from './stage.js';

onEach('a broadcast', (newStage, dialect) => {
  const THREADS = dialect === 'sqlite' ? 3 : 2;
  const ones = new Array(THREADS).fill(1);
  let stage: Awaited<ReturnType<typeof newStage>>;
  let pool: Notes;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: THREADS });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('of a read unit runs once on every lane', async () => {
    const { fulfilled } = pool.stats();
    const threads = await pool.broadcast('readingThread');
    expect(threads).to.have.length(THREADS);
    expect(new Set(threads).size).to.equal(THREADS);
    expect(pool.stats()).to.include({ fulfilled: fulfilled + THREADS, waiting: 0, running: 0 });
  });

  it('of a unit that writes runs once on every lane that can write', async () => {
    const lanes = dialect === 'sqlite' ? 1 : THREADS;
    expect(await pool.broadcast('append', ['one'])).to.deep.equal(new Array(lanes).fill(undefined));
    expect(await stage.ids()).to.have.length(lanes);
  });

  it('of SQL text runs where it can', async () => {
    expect(await pool.broadcast(sql<{ one: number }>`select 1 as one`)).to.deep.equal(
      new Array(THREADS).fill([{ one: 1 }]),
    );
    const lanes = dialect === 'sqlite' ? 1 : THREADS;
    const insert = () => pool.broadcast(sql`insert into note (body) values (${'one'})`);
    // The second time it is known to write.
    expect(await insert()).to.have.length(lanes);
    expect(await insert()).to.have.length(lanes);
    expect(await stage.ids()).to.have.length(2 * lanes);
  });

  it('of a list runs it whole on each', async () => {
    const lanes = dialect === 'sqlite' ? 1 : THREADS;
    // Of the others it sees nothing that it could rely on: they run at the same time.
    const appended = await pool.broadcast([pool.plan('append', ['one']), sql`select body from note limit 1`]);
    expect(appended).to.deep.equal(new Array(lanes).fill([undefined, [{ body: 'one' }]]));
    expect(await stage.ids()).to.have.length(lanes);
    const reads = await pool.broadcast([pool.plan('one'), pool.plan('one')]);
    expect(reads).to.deep.equal(new Array(THREADS).fill([1, 1]));
  });

  it('waits for a lane that is busy, and for no other', async () => {
    const gate = new Gate();
    const holding = pool.run('holdReading', [gate.buffer]);
    await gate.reached();
    const { fulfilled } = pool.stats();
    const broadcast = pool.broadcast('one');
    while (pool.stats().fulfilled < fulfilled + THREADS - 1) await new Promise(setImmediate);
    // The unit that holds its lane, and what waits behind it there.
    expect(pool.stats().waiting + pool.stats().running).to.equal(2);
    gate.open();
    expect(await broadcast).to.deep.equal(ones);
    await holding;
  });

  it('waits for a lane that another caller holds, until he lets it go', async () => {
    const asAnother = AsyncLocalStorage.snapshot();
    const lease = await pool.lease({ access: 'read' });
    const { fulfilled } = pool.stats();
    const broadcast = asAnother(() => pool.broadcast('one'));
    while (pool.stats().fulfilled < fulfilled + THREADS - 1) await new Promise(setImmediate);
    expect(pool.stats().waiting).to.equal(1);
    await lease.rollback();
    expect(await broadcast).to.deep.equal(ones);
  });

  it('of whoever holds a lane himself is refused, since it would wait for ever', async () => {
    const told = await pool.transaction(() => rejection(pool.broadcast('one')));
    expect(told).to.include({ name: 'LeaseDeadlockError', code: 'OFFTHREAD_LEASE_DEADLOCK' });
    expect(await pool.broadcast('one')).to.deep.equal(ones);
  });

  it('does not wait for ever where lanes are never idle', async () => {
    let isDone = false;
    const stream = async () => {
      while (!isDone) await pool.run('one');
    };
    const streams = Array.from({ length: 300 }, stream);
    for (let i = 0; i < 3; i++) expect(await pool.broadcast('one')).to.deep.equal(ones);
    isDone = true;
    await Promise.all(streams);
  });

  it('that waits too long rejects, when all have ended', async () => {
    const gate = new Gate();
    const holding = pool.run('holdReading', [gate.buffer]);
    await gate.reached();
    const error = await rejection(pool.broadcast('one', [], { queueTimeout: 50 }));
    expect(error).to.have.property('code', 'OFFTHREAD_QUEUE_TIMEOUT');
    expect(pool.stats()).to.include({ waiting: 0, running: 1 });
    gate.open();
    await holding;
  });

  it('that is aborted rejects with the reason, and stops on each lane', async () => {
    const gate = new Gate();
    const client = new AbortController();
    const reason = new Error('never mind');
    const told = rejection(pool.broadcast('workReading', [gate.buffer], { signal: client.signal }));
    await gate.reached(THREADS);
    gate.open();
    client.abort(reason);
    expect(await told).to.equal(reason);
    expect(await rejection(pool.broadcast('one', [], { signal: client.signal }))).to.equal(reason);
    expect(await pool.broadcast('one')).to.deep.equal(ones);
  });

  it('that fails rejects with the error of the first lane that failed', async () => {
    const { rejected } = pool.stats();
    const error = await rejection(pool.broadcast(sql`select * from nowhere`));
    expect(error).to.have.property('name', 'DatabaseError');
    expect((error as Error).stack).to.include('broadcast.test.js');
    expect(pool.stats().rejected).to.equal(rejected + THREADS);
  });

  it('runs on the lane that was opened in the place of one that was lost before', async () => {
    const before = await pool.broadcast('readingThread');
    const { lanesLost, fulfilled } = pool.stats();
    const gate = new Gate();
    const dying = rejection(pool.run('death.exitReadingAt', [gate.buffer]));
    await gate.reached();
    const broadcast = pool.broadcast('readingThread');
    while (pool.stats().fulfilled < fulfilled + THREADS - 1) await new Promise(setImmediate);
    gate.open();
    expect(await dying).to.have.property('name', 'LaneLostError');
    const threads = await broadcast;
    expect(new Set(threads).size).to.equal(THREADS);
    expect(threads.filter((thread) => !before.includes(thread))).to.have.length(1);
    expect(pool.stats()).to.include({ lanesLost: lanesLost + 1 });
  });

  it('that ends its lanes itself rejects, and the next one finds others', async () => {
    const error = await rejection(pool.broadcast('death.exitReading'));
    expect(error).to.include({ name: 'LaneLostError', outcome: 'not-committed' });
    expect(await pool.broadcast('one')).to.deep.equal(ones);
  });

  it('is told as a call of each lane, with a report where one is asked for', async () => {
    const names: unknown[] = [];
    const onEnd = (message: unknown) => void names.push((message as { name?: unknown }).name);
    const channel = tracingChannel('offthread:call');
    channel.asyncEnd.subscribe(onEnd);
    try {
      const reported = await pool.broadcast('one', [], { report: true });
      expect(reported.map(({ result }) => result)).to.deep.equal(ones);
      for (const { report } of reported) expect(report.attempts).to.equal(1);
      expect(names).to.deep.equal(ones.map(() => 'one'));
    } finally {
      channel.asyncEnd.unsubscribe(onEnd);
    }
    // A reader that hands on what writes is no result, reported or not.
    const insert = sql`insert into note (body) values ('reported')`;
    const written = await pool.broadcast(insert, { report: true });
    expect(written).to.have.length(dialect === 'sqlite' ? 1 : THREADS);
  });

  it('refuses what run() refuses', async () => {
    const call = pool.broadcast as (...args: unknown[]) => Promise<unknown>;
    for (const [args, code] of [
      [['onne'], 'OFFTHREAD_UNKNOWN_UNIT'],
      [[7], 'OFFTHREAD_NOT_A_PLAN'],
      [['one', [], { timeot: 1 }], 'OFFTHREAD_OPTION'],
      [[sql`begin`], 'OFFTHREAD_TRANSACTION_CONTROL'],
    ] as const)
      expect(await rejection(call.apply(pool, [...args]))).to.have.property('code', code);
  });

  it('of a pool that is closed is refused', async () => {
    const own = await stage.open({ threads: 1, units: undefined });
    await own.close();
    expect(await rejection(own.broadcast(sql`select 1`))).to.have.property('code', 'OFFTHREAD_POOL_CLOSED');
  });

  it('is waited for by close()', async () => {
    const own = await stage.open({ threads: 2, units: undefined });
    const broadcast = own.broadcast(sql<{ one: number }>`select 1 as one`);
    await own.close();
    expect(await broadcast).to.deep.equal([[{ one: 1 }], [{ one: 1 }]]);
  });
});

describe('a broadcast on SQLite', () => {
  const stage = new Stage();
  let pool: Notes;
  before(async () => {
    pool = await stage.open({ threads: 3 });
  });
  after(() => stage.remove());
  const lane = () => sql<{ lane: string }>`select lane() as lane`;

  it("answers with the writer's result first", async () => {
    const [writer, ...readers] = await pool.broadcast(lane());
    expect(writer).to.deep.equal([{ lane: 'writer' }]);
    expect(readers).to.deep.equal([[{ lane: 'reader' }], [{ lane: 'reader' }]]);
    expect(await pool.broadcast(lane(), { transaction: false })).to.deep.equal([[{ lane: 'writer' }]]);
  });

  it('analyzes', async () => {
    await pool.run('add', [1]);
    expect(await pool.broadcast(sql`analyze`)).to.deep.equal([{ changes: 0, insertId: undefined }]);
    expect(stage.connect().prepare("select tbl from sqlite_stat1 where tbl = 'note'").pluck().get()).to.equal('note');
  });

  it('of a pool with one lane runs there', async () => {
    const one = await stage.open({ threads: 1, units: undefined });
    expect(await one.broadcast(lane())).to.deep.equal([[{ lane: 'writer' }]]);
    const insert = sql`insert into note (id) values (2)`;
    expect(await one.broadcast(insert)).to.deep.equal([{ changes: 1, insertId: 2 }]);
  });

  it('passes over a reader that is out of service, and runs on its substitute', async () => {
    const before = await pool.broadcast('readingThread');
    await rejection(pool.run('count', [8_000_000], { timeout: 60 }));
    while (pool.stats().lanesRetired === 0) await new Promise(setImmediate);
    const threads = await pool.broadcast('readingThread');
    expect(threads).to.have.length(3);
    expect(threads[0]).to.equal(before[0]);
    expect(threads.filter((thread) => !before.includes(thread))).to.have.length(1);
    expect(pool.stats().lanes.map(({ state }) => state)).to.include('retired');
  });
});

describe('a broadcast on MySQL', () => {
  it('reaches every session', async () => {
    const stage = await MysqlStage.make();
    try {
      const pool = await stage.open({ threads: 3, units: undefined });
      const ids = await pool.broadcast(sql<{ id: number }>`select connection_id() as id`);
      expect(new Set(ids.map((rows) => rows[0]?.id)).size).to.equal(3);
    } finally {
      await stage.remove();
    }
  });
});
