import { expect } from 'chai';
import { sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import { type Notes, WITH_ENTITIES } from './stage.js';

onEach('lanes: a stream of a lease', (newStage) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ ...WITH_ENTITIES, threads: 2, queueTimeout: 5_000 });
  });
  beforeEach(() => pool.run('clear'));
  afterEach(() => expect(pool.stats()).to.include({ waiting: 0, running: 0, lanesLost: 0 }));
  after(() => stage.remove());

  const ids = sql<{ id: number }>`select id from note order by id`;
  const all = async (rows: AsyncIterable<{ id: number }>) => {
    const found: number[] = [];
    for await (const { id } of rows) found.push(id);
    return found;
  };

  it('sees what was done in its transaction, which goes on behind it', async () => {
    await pool.transaction(async (tx) => {
      await tx.run(sql`insert into note (id) values (1), (2)`);
      expect(await all(tx.stream(ids))).to.deep.equal([1, 2]);
      expect(await all(tx.stream('streams.notes'))).to.deep.equal([1, 2]);
      await tx.run('add', [3]);
      expect(await all(pool.stream(ids))).to.deep.equal([]);
    });
    expect(await stage.ids()).to.deep.equal([1, 2, 3]);
  });

  it('is for itself until its end: what else is asked of the lease is refused, and goes on behind it', async () => {
    await pool.transaction(async (tx) => {
      await tx.run('add', [1]);
      for await (const i of tx.stream('streams.upTo', [5_000])) {
        if (i !== 10) continue;
        const told = await rejection(tx.run('add', [2]));
        expect(told).to.include({ name: 'CallError', code: 'OFFTHREAD_CALL' });
        expect(told.message).to.equal(
          "A lease: was asked for more while the stream of the unit 'streams.upTo' was still open on it. Take it to its end, or end it with break, before the next call of the lease.",
        );
        break;
      }
      await tx.run('add', [3]);
    });
    expect(await stage.ids()).to.deep.equal([1, 3]);
  });

  it('that fails undoes nothing, and that writes is refused', async () => {
    await pool.transaction(async (tx) => {
      await tx.run('add', [1]);
      expect(await rejection(all(tx.stream('streams.failing', [10]) as never))).to.be.instanceOf(RangeError);
      expect(await rejection(tx.stream(sql`delete from note`).next())).to.have.property(
        'code',
        'OFFTHREAD_NOT_STREAMABLE',
      );
      const writing = tx.stream('streams.writing');
      await writing.next();
      expect(await rejection(writing.next())).to.have.property('code', 'OFFTHREAD_READ_ONLY');
    });
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('that idles ends alone', async () => {
    await pool.transaction(async (tx) => {
      await tx.run('add', [1]);
      const stream = tx.stream('streams.stepping', [Gate.opened().buffer], { idleTimeout: 50 });
      await stream.next();
      const error = await rejection(
        (async () => {
          for await (const i of stream) if (i === 2) await new Promise((resolve) => setTimeout(resolve, 200));
        })(),
      );
      expect(error).to.have.property('code', 'OFFTHREAD_STREAM_IDLE');
      await tx.run('add', [2]);
    });
    expect(await stage.ids()).to.deep.equal([1, 2]);
  });

  it('ends with the lease', async () => {
    const ended = Gate.opened();
    const lease = await pool.lease();
    await lease.run('add', [1]);
    const stream = lease.stream('streams.ending', [Gate.opened().buffer, ended.buffer]);
    await stream.next();
    await lease.commit();
    expect(ended.count).to.equal(1);
    let rows = 0;
    for await (const _ of stream) rows++;
    expect(rows).to.be.below(5_000);
    expect(await stage.ids()).to.deep.equal([1]);

    const brief = await pool.lease({ totalTimeout: 100 });
    await brief.run('add', [2]);
    const cut = brief.stream('streams.stepping', [Gate.opened().buffer]);
    await cut.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const error = await rejection(
      (async () => {
        for await (const _ of cut);
      })(),
    );
    expect(error).to.include({ name: 'LeaseEndedError', reason: 'total' });
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('that waits for a savepoint to end can be ended before', async () => {
    const lease = await pool.lease();
    let waiting!: Promise<unknown>;
    await lease.savepoint(async () => {
      const stream = lease.stream(ids);
      waiting = stream.next();
      await stream.return();
    });
    expect(await waiting).to.deep.equal({ value: undefined, done: true });
    expect(await all(lease.stream(ids))).to.deep.equal([]);
    await lease.rollback();
  });
});
