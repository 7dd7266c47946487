import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { type CallContext, DatabaseError, type LaneContext, type QueryContext, sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { failureOf } from '../pool/failure.js';
import { Listener } from './listener.js';
import { newStage, onEach, plainUnits, type Stage } from './stage.js';

onEach('the channels', (dialect) => {
  let stage: Stage;
  before(async () => {
    stage = await newStage(dialect, { threads: dialect === 'sqlite' ? 1 : 2 });
  });
  after(() => stage.remove());

  it('offthread:call has a call from its submission to its result, in one context', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    const before = Date.now();
    const call = stage.pool.run('rename', [1, 'Ada'], { timeout: 7_000, retries: 1 });
    expect(calls.events).to.deep.equal(['start', 'end']);
    await call;
    expect(calls.events).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd']);
    const [context] = calls.of('asyncEnd') as [CallContext];
    expect(new Set(calls.heard.map(([, each]) => each))).to.deep.equal(new Set([context]));
    expect(context).to.deep.include({
      ...{ what: "the unit 'rename'", kind: 'unit', name: 'rename', plan: { kind: 'unit', name: 'rename' } },
      options: { timeout: 7_000, queueTimeout: 30_000, retries: 1, isolation: undefined, transaction: true },
      ...{ attempts: 1, queries: 1, rows: 1, lazyLoads: 0, result: undefined },
    });
    expect(context.pool.name).to.equal(stage.name);
    expect(context.pool.stats().fulfilled).to.be.above(0);
    expect(context.lane).to.include({ event: 'opened', port: stage.port });
    expect(context.start).to.be.within(before, Date.now());
    const { wait = -1, run = -1, duration = -1 } = context;
    expect(Math.min(wait, run)).to.be.at.least(0);
    expect(duration).to.be.at.least(wait + run);
  });

  it('offthread:call tells an error, and whoever awaits the call is still in its stack', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    const error = await failureOf(stage.pool.run('fail'));
    expect(calls.events).to.deep.equal(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(calls.of('error')[0]).to.include({ error, attempts: 1, kind: 'unit' });
    expect(error).to.be.instanceOf(DatabaseError);
    expect(error.stack).to.match(/-- called from --\n.*\n?.*channels\.test\.js/);
  });

  it('offthread:call tells of calls that no lane has begun', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    const stop = new AbortController();
    const call = failureOf(stage.pool.run('titles', [], { signal: stop.signal }));
    stop.abort(new Error('enough'));
    expect(await call).to.have.property('message', 'enough');
    const [context] = calls.of('asyncEnd') as [CallContext];
    expect(context).to.include({ error: stop.signal.reason });
    expect(context).to.not.have.any.keys('lane', 'wait', 'run', 'attempts');
    expect(context.duration).to.be.at.least(0);
  });

  it('nothing that is published about a call holds a value of it, beside its result', async () => {
    using calls = new Listener<CallContext>('offthread:call');
    using queries = new Listener<QueryContext>('offthread:query');
    const { pool } = stage;
    await pool.run('rename', [1, 'a secret']);
    await pool.run(sql`update author set name = ${'a secret'} where id = ${1}`);
    await pool.run([pool.plan('rename', [1, 'a secret']), sql`update author set name = ${'a secret'} where id = ${1}`]);
    expect(calls.of('asyncEnd')).to.have.length(3);
    expect(queries.of('end')).to.have.length(2 + 1 + 2);
    const seen = new Set<unknown>();
    const text = JSON.stringify([calls.heard, queries.heard], (_key, value) => {
      if (typeof value === 'object' && value !== null) {
        if (seen.has(value)) return undefined;
        seen.add(value);
      }
      return value;
    });
    expect(text).to.include('update').and.not.include('secret');
    expect(calls.of('asyncEnd')[2]?.plan).to.deep.equal({
      kind: 'list',
      plans: [
        { kind: 'unit', name: 'rename' },
        { kind: 'query', sql: 'update author set name = ? where id = ?' },
      ],
    });
  });

  it('offthread:query has each statement of a call, in their order, with its times and its rows', async () => {
    using queries = new Listener<QueryContext>('offthread:query');
    await stage.pool.run('titles');
    expect(queries.events).to.deep.equal(['start', 'end', 'start', 'end']);
    const [authors, books] = queries.of('end') as [QueryContext, QueryContext];
    expect([authors.rows, books.rows]).to.deep.equal([2, 4]);
    expect([authors.parameters, books.parameters]).to.deep.equal([0, 2]);
    expect(authors.sql).to.match(/^select .* from .author/);
    expect(books.sql).to.match(/^select .* from .book.* in \(/);
    const { call, lane } = authors;
    expect(call).to.include({ kind: 'unit', name: 'titles' }).and.equal(books.call);
    expect(lane).to.equal(call.lane);
    const { start, wait = 0, duration = 0 } = call;
    expect(authors.start).to.be.at.least(start + wait - 0.001);
    expect(books.start).to.be.at.least(authors.start + authors.duration);
    expect(books.start + books.duration).to.be.at.most(start + duration + 0.001);
  });

  it('offthread:query has what was changed, and what was refused', async () => {
    using queries = new Listener<QueryContext>('offthread:query');
    await stage.pool.run(sql`update author set name = name where id > ${0}`);
    await failureOf(stage.pool.run(sql`insert into author (id, name) values (${1}, ${'Eve'})`));
    await failureOf(stage.pool.run('fail'));
    expect(queries.events).to.deep.equal(['start', 'end', 'start', 'error', 'end', 'start', 'error', 'end']);
    const [update, insert, select] = queries.of('end') as [QueryContext, QueryContext, QueryContext];
    expect(update).to.include({ rows: 0, parameters: 1 }).and.have.property('changes').a('number');
    expect(insert.error).to.be.instanceOf(DatabaseError).and.include({ kind: 'unique' });
    expect(select).to.include({ sql: 'select * from nowhere' });
    expect(select.error).to.be.instanceOf(DatabaseError);
  });

  it('offthread:query has queries that crossed together, each of its own call', async () => {
    using queries = new Listener<QueryContext>('offthread:query');
    const { pool } = stage;
    await Promise.all([0, 1, 2].map((id) => pool.run(sql`select id from author where id > ${id}`)));
    const contexts = queries.of('end');
    // A server has several lanes for them, and any may be the first to answer.
    expect(contexts.map(({ rows }) => rows)).to.have.members([2, 1, 0]);
    expect(new Set(contexts.map(({ call }) => call)).size).to.equal(3);
    for (const { call, start } of contexts) expect(start).to.be.at.least(call.start);
  });

  it('offthread:query has statements of the raw connection too', async () => {
    using queries = new Listener<QueryContext>('offthread:query');
    await stage.pool.run(dialect === 'sqlite' ? 'raw' : 'rawOnServer');
    const own = queries.of('end').slice(0, 3);
    expect(own.map(({ sql, rows }) => [sql, rows])).to.deep.equal([
      ['select name from author where id > ?', 2],
      ['update author set name = ? where id = ?', 0],
      [`update author set name = 'Ada'${dialect === 'sqlite' ? '' : ' where id = 1'}`, 0],
    ]);
    expect(own[1]).to.include({ parameters: 2, changes: 1 });
    // SQLite's unit asks the session for one thing more, which is no statement of its own.
    expect(queries.of('end')).to.have.length(dialect === 'sqlite' ? 4 : 3);
  });

  it('offthread:query keeps the first thousand of a call, and counts them all', async () => {
    using queries = new Listener<QueryContext>('offthread:query');
    const { report } = await stage.pool.run('many', [1_500], { report: true });
    expect(queries.of('end')).to.have.length(1_000);
    expect(report.queries).to.equal(1_500);
  });

  it('a subscriber sends a trace along, and the unit knows it; of what is no text nothing is sent', async () => {
    const channel = tracingChannel('offthread:call');
    const handlers = {
      start: (message: object) => {
        Object.assign(message, { trace: { traceparent: '00-1-2-01', odd: () => {} } });
      },
    } as unknown as Parameters<typeof channel.subscribe>[0];
    expect(await stage.pool.run('trace')).to.equal(undefined);
    channel.subscribe(handlers);
    try {
      expect(await stage.pool.run('trace')).to.deep.equal({ traceparent: '00-1-2-01' });
    } finally {
      channel.unsubscribe(handlers);
    }
    expect(await stage.pool.run('trace')).to.equal(undefined);
  });

  it('offthread:lane has the lives of the lanes of a pool', async () => {
    using lanes = new Listener<LaneContext>('offthread:lane');
    const other = await newStage(dialect, { units: plainUnits, threads: 1 });
    expect(lanes.events).to.deep.equal(['start', 'end', 'asyncStart']);
    const [lane] = lanes.of('asyncStart') as [LaneContext];
    const { system } = other;
    expect(lane).to.include({ role: 'both', event: 'opened', system, port: other.port });
    expect(lane.openedAfter).to.be.above(0);
    expect(lane.pool.name).to.equal(other.name);
    expect(lane.id).to.equal(other.pool.stats().lanes[0]?.id);

    await failureOf(other.pool.run('exit'));
    await other.pool.run(sql`select 1`);
    expect(lanes.events.slice(3)).to.deep.equal(['error', 'asyncEnd', 'start', 'end', 'asyncStart']);
    expect(lane).to.include({ event: 'lost' }).and.have.property('error').an.instanceOf(Error);
    await other.remove();
    expect(lanes.events.slice(8)).to.deep.equal(['asyncEnd']);
    expect(lanes.of('asyncEnd')[1]).to.include({ event: 'closed' });
  });

  it('without a subscriber a lane writes nothing down: no context is made', async () => {
    const gate = new Gate();
    const call = stage.pool.run('hold', [gate.buffer]);
    await gate.reached();
    using calls = new Listener<CallContext>('offthread:call');
    gate.open();
    await call;
    expect(calls.heard).to.deep.equal([]);
  });

  it("the caller's AsyncLocalStorage is as it was: behind each call, in subscribers, with many interleaved", async () => {
    const storage = new AsyncLocalStorage<number>();
    const channel = tracingChannel<unknown, CallContext>('offthread:call');
    const stores: Record<string, unknown[]> = { start: [], asyncEnd: [] };
    const note = (event: string) => () => stores[event]?.push(storage.getStore());
    const handlers = { start: note('start'), asyncEnd: note('asyncEnd') } as unknown as Parameters<
      typeof channel.subscribe
    >[0];
    const { pool } = stage;
    const caller = (id: number) =>
      storage.run(id, async () => {
        const seen = [];
        for (let i = 0; i < 5; i++) {
          await (i % 2 === 0 ? pool.run('titles') : pool.run(sql`select ${i}`));
          seen.push(storage.getStore());
        }
        await failureOf(pool.run('fail'));
        await pool.run('titles').then(() => seen.push(storage.getStore()));
        return seen;
      });
    const callers = Array.from({ length: 20 }, (_, id) => id);
    expect(await Promise.all(callers.map(caller))).to.deep.equal(callers.map((id) => Array(6).fill(id)));
    channel.subscribe(handlers);
    try {
      await Promise.all(callers.map(caller));
    } finally {
      channel.unsubscribe(handlers);
    }
    const counts = (event: string) => callers.map((id) => stores[event]?.filter((store) => store === id).length);
    expect(counts('start')).to.deep.equal(callers.map(() => 7));
    expect(counts('asyncEnd')).to.deep.equal(callers.map(() => 7));
  });
});
