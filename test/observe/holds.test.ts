import { expect } from 'chai';
import { type CallContext, type QueryContext, sql } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { Listener } from './listener.js';
import { newStage, onEach, type Stage } from './stage.js';

onEach('what holds a lane', (dialect) => {
  let stage: Stage;
  before(async () => {
    stage = await newStage(dialect, { threads: 1 });
  });
  after(() => stage.remove());

  it('a lease: its calls have reports of their own', async () => {
    await using lease = await stage.pool.lease();
    const { result, report } = await lease.run('titles', [], { report: true });
    expect(result).to.have.length(2);
    expect(report).to.include({ attempts: 1, queries: 2, lazyLoads: 1, rows: 6 });
    const query = await lease.run(sql`select id from author where id > ${0}`, { report: true });
    expect(query.report).to.include({ attempts: 1, queries: 1, rows: 2 });
  });

  it('a lease: it is a call, and so is each of its calls; one that was undone was run once', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    using queries = new Listener<QueryContext>('offthread:query');
    await stage.pool.transaction(async (tx) => {
      await tx.run('rename', [1, 'Ada']);
      await failureOf(tx.run('refuse', [1]));
    });
    const ended = calls.of('asyncEnd');
    expect(ended.map(({ kind, name }) => [kind, name])).to.deep.equal([
      ['unit', 'rename'],
      ['unit', 'refuse'],
      ['lease', 'lease'],
    ]);
    expect(ended[1]).to.include({ attempts: 1, queries: 1 }).and.have.property('error').an.instanceOf(Error);
    expect(ended[2]?.plan).to.deep.equal({ kind: 'lease', access: 'write' });
    expect(ended[2]?.run).to.be.at.least(ended[0]?.run ?? Number.NaN);
    expect(queries.of('end').map(({ call }) => call.name)).to.include.members(['rename', 'refuse']);
  });

  it('a stream of a query: a call from its first row to its end, with the rows that it read', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    using queries = new Listener<QueryContext>('offthread:query');
    const stream = stage.pool.stream(sql<{ id: number }>`select id from author order by id`);
    expect(calls.heard).to.deep.equal([]);
    const rows: number[] = [];
    for await (const { id } of stream) rows.push(id);
    expect(rows).to.deep.equal([1, 2]);
    expect(calls.events).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd']);
    const [call] = calls.of('asyncEnd') as [CallContext];
    expect(call).to.deep.include({
      ...{ kind: 'stream', name: 'select id from author order by id', attempts: 1, queries: 1, rows: 2 },
      plan: { kind: 'stream', source: { kind: 'query', sql: 'select id from author order by id' } },
    });
    expect(queries.of('end').map(({ rows }) => rows)).to.deep.equal([2]);
  });

  it('a stream of a unit that is ended early: what its end asks counts too, and it was run once', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    for await (const name of stage.pool.stream('endless')) {
      expect(name).to.equal('Ada');
      break;
    }
    const [call] = calls.of('asyncEnd') as [CallContext];
    expect(call).to.include({ kind: 'stream', name: 'endless', attempts: 1, queries: 2 });
  });

  it('a stream that fails is told as failed, and nobody has to handle that a second time', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    const stream = stage.pool.stream(sql`select * from nowhere`);
    const error = await failureOf(stream.next());
    expect(calls.of('error').map((call) => call.error)).to.deep.equal([error]);
  });

  it('is named by the statistics as long as it holds, and its time is no run', async () => {
    const { pool } = stage;
    const lease = await pool.lease();
    const held = pool.stats().lanes.filter(({ state }) => state === 'held');
    expect(held.map(({ current }) => current?.what)).to.deep.equal(['the lease']);
    const { runs } = pool.stats();
    await lease.rollback();
    for await (const _ of pool.stream('streamed'));
    // The rollback alone.
    expect(pool.stats().runs.count).to.equal(runs.count + 1);
    expect(pool.stats().lanes.filter(({ state }) => state === 'held')).to.deep.equal([]);
  });

  it('counts the rows of a large result, which comes in parts', async () => {
    const wide = sql<{ n: number }>`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 900)
      select a.n from numbers as a, numbers as b where b.n <= 30`;
    using queries = new Listener<QueryContext>('offthread:query');
    const { result, report } = await stage.pool.run(wide, { report: true });
    expect(result).to.have.length(27_000);
    expect(report).to.include({ attempts: 1, queries: 1, rows: 27_000 });
    expect(queries.of('end').map(({ rows }) => rows)).to.deep.equal([27_000]);
  });
});
