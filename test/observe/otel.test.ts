import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { failureOf } from '../pool/failure.js';
import { newStage, onEach, plainUnits, type Stage } from './stage.js';
import { endOf, startOf, Telemetry } from './telemetry.js';

onEach('offthread/otel', (dialect) => {
  let telemetry: Telemetry;
  let stage: Stage;
  before(async () => {
    telemetry = new Telemetry();
    stage = await newStage(dialect);
  });
  after(async () => {
    await stage.remove();
    await telemetry.end();
  });
  beforeEach(() => telemetry.forget());

  const namespace = () =>
    dialect === 'sqlite' ? stage.url.replace('sqlite:', '') : (stage.name.split('/')[1] as string);
  const server = () => (dialect === 'sqlite' ? {} : { 'server.address': '127.0.0.1', 'server.port': stage.port });
  const parentOf = ({ parentSpanContext }: ReadableSpan) => parentSpanContext?.spanId;
  const spanNamed = (name: string) => telemetry.spans.find((span) => span.name === name) as ReadableSpan;

  it('has a span of the call below the active one, and of each query below that, with their times', async () => {
    await telemetry.tracer.startActiveSpan('request', async (span) => {
      await stage.pool.run('titles');
      span.end();
    });
    const quote = dialect === 'sqlite' ? '"' : '`';
    const names = [`select ${quote}author${quote}`, `select ${quote}book${quote}`, 'unit titles', 'request'];
    expect(telemetry.spans.map(({ name }) => name)).to.deep.equal(names);
    const [authors, books, call, request] = telemetry.spans as [ReadableSpan, ReadableSpan, ReadableSpan, ReadableSpan];
    const { traceId, spanId } = request.spanContext();
    expect(parentOf(call)).to.equal(spanId);
    expect([authors, books].map(parentOf)).to.deep.equal(Array(2).fill(call.spanContext().spanId));
    for (const span of telemetry.spans) expect(span.spanContext().traceId).to.equal(traceId);
    expect([call.kind, authors.kind, books.kind]).to.deep.equal([
      SpanKind.INTERNAL,
      ...[SpanKind.CLIENT, SpanKind.CLIENT],
    ]);
    const times = [startOf(call), startOf(authors), endOf(authors), startOf(books), endOf(books), endOf(call)];
    expect(times.toSorted((a, b) => a - b)).to.deep.equal(times);
    expect(endOf(call) - startOf(call)).to.be.below(60_000);
  });

  it('describes queries by the conventions', async () => {
    await stage.pool.run(sql`select name from author where id > ${0}`);
    expect(spanNamed('select author').attributes).to.deep.equal({
      ...{ 'db.system.name': stage.system, 'db.namespace': namespace(), ...server() },
      ...{ 'db.query.summary': 'select author', 'db.query.text': 'select name from author where id > ?' },
    });
    expect(spanNamed('select author').status).to.deep.equal({ code: SpanStatusCode.UNSET });
    const call = spanNamed('query select author').attributes;
    expect(call).to.include({
      ...{ 'db.client.connection.pool.name': stage.name, 'offthread.call.kind': 'query' },
      ...{ 'offthread.attempts': 1, 'offthread.queries': 1, 'offthread.rows': 2, 'offthread.lazy_loads': 0 },
    });
    expect(call).to.include.keys('offthread.wait', 'offthread.run', 'offthread.lane.id', 'offthread.lane.role');
  });

  it('shows no value: none that was bound, and no literal where nothing was', async () => {
    await stage.pool.run('rename', [1, 'secret']);
    await stage.pool.run(sql`select name from author where name = 'secret'`);
    await failureOf(stage.pool.run('refuse', [1]));
    const told = telemetry.spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
    expect(told).to.have.length(2 + 1 + 2 + 2);
    expect(JSON.stringify(told)).to.include('name = ?').and.not.include('secret');
  });

  it('says what failed: the code of the database, on the query and on the call', async () => {
    await failureOf(stage.pool.run('refuse', [1]));
    const code = dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : '1062';
    const message = `${dialect === 'sqlite' ? code : 'ER_DUP_ENTRY'} (unique)`;
    for (const name of ['insert author', 'unit refuse']) {
      const { attributes, status } = spanNamed(name);
      expect(attributes).to.include({ 'error.type': code, 'db.response.status_code': code });
      expect(status).to.deep.equal({ code: SpanStatusCode.ERROR, message });
    }
  });

  it("sends the trace of the call's own span to its unit", async () => {
    const trace = await stage.pool.run('trace');
    const { traceId, spanId } = spanNamed('unit trace').spanContext();
    expect(trace).to.deep.equal({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  it('keeps the calls of many requests apart that cross together', async () => {
    const request = (id: number) =>
      telemetry.tracer.startActiveSpan(`request ${id}`, async (span) => {
        const [trace] = await Promise.all([stage.pool.run('trace'), stage.pool.run(sql`select ${id} as id`)]);
        span.end();
        return [trace?.traceparent?.split('-')[1], span.spanContext().traceId];
      });
    for (const [sent, own] of await Promise.all([1, 2, 3, 4, 5].map(request))) expect(sent).to.equal(own);
    const traces = new Map<string, string[]>();
    for (const span of telemetry.spans) {
      const { traceId } = span.spanContext();
      traces.set(traceId, [...(traces.get(traceId) ?? []), span.name.replace(/\d/, 'n')].sort());
    }
    expect([...traces.values()]).to.deep.equal(Array(5).fill(['query select', 'request n', 'select', 'unit trace']));
  });

  it('measures: durations and rows of queries, waits, uses and lanes of pools', async () => {
    const pool = { 'db.client.connection.pool.name': stage.name };
    const ofPool = async (name: string) =>
      (await telemetry.points(name)).filter(
        ({ attributes }) => attributes['db.client.connection.pool.name'] === stage.name,
      );
    const count = async (name: string) =>
      ((await ofPool(name)) as { value: { count: number } }[]).reduce((sum, { value }) => sum + value.count, 0);
    const before = await count('db.client.connection.use_time');
    await stage.pool.run(sql`select title from book where id > ${0}`);
    const durations = await telemetry.points('db.client.operation.duration');
    const duration = durations.find(({ attributes }) => attributes['db.query.summary'] === 'select book');
    expect(duration?.attributes).to.deep.equal({
      ...{ 'db.system.name': stage.system, 'db.namespace': namespace(), ...server() },
      'db.query.summary': 'select book',
    });
    expect(duration?.value).to.include({ count: 1 });
    expect(duration?.value)
      .to.have.nested.property('buckets.boundaries')
      .deep.equal([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
    const rows = (await telemetry.points('db.client.response.returned_rows')).find(
      ({ attributes }) => attributes['db.query.summary'] === 'select book',
    );
    expect(rows?.value).to.include({ count: 1, sum: 4 });
    expect(await count('db.client.connection.use_time')).to.equal(before + 1);
    expect(await count('db.client.connection.wait_time')).to.equal(before + 1);
    expect(await count('db.client.connection.create_time')).to.equal(2);

    const gate = new Gate();
    const holding = stage.pool.run('holdWriting', [gate.buffer]);
    await gate.reached();
    expect(
      (await ofPool('db.client.connection.count')).map(({ attributes, value }) => [attributes, value]),
    ).to.deep.equal([
      [{ ...pool, 'db.client.connection.state': 'idle' }, 1],
      [{ ...pool, 'db.client.connection.state': 'used' }, 1],
    ]);
    expect((await ofPool('db.client.connection.max'))[0]?.value).to.equal(2);
    expect((await ofPool('db.client.connection.pending_requests'))[0]?.value).to.equal(0);
    gate.open();
    await holding;
  });

  it('says what a caller has given up by its name', async () => {
    await failureOf(stage.pool.run('spin', [10_000], { timeout: 30 }));
    expect(spanNamed('unit spin').attributes).to.include({ 'error.type': 'OFFTHREAD_TIMEOUT' });
    const gate = new Gate();
    await failureOf(stage.pool.run('hold', [gate.buffer], { signal: AbortSignal.timeout(20) }));
    gate.open();
    expect(spanNamed('unit hold').attributes).to.include({ 'error.type': 'TimeoutError' });
  });

  it('counts what waited in vain', async () => {
    const single = await newStage(dialect, { units: plainUnits, threads: 1 });
    const gate = new Gate();
    const holding = single.pool.run('holdWriting', [gate.buffer]);
    await gate.reached();
    await failureOf(single.pool.run(sql`select 1`, { queueTimeout: 20 }));
    gate.open();
    await holding;
    const timeouts = await telemetry.points('db.client.connection.timeouts');
    expect(timeouts.map(({ value }) => value)).to.deep.equal([1]);
    await single.remove();
    // One that is closed has no lanes, and is told of so.
    const lanes = await telemetry.points('db.client.connection.max');
    const ofSingle = lanes.filter(({ attributes }) => attributes['db.client.connection.pool.name'] === single.name);
    expect(ofSingle.map(({ value }) => value)).to.deep.equal([0]);
  });

  it('ends when it is told to', async () => {
    telemetry.stop();
    await stage.pool.run('titles');
    expect(telemetry.spans).to.deep.equal([]);
    expect(await stage.pool.run('trace')).to.equal(undefined);
  });
});
