import type { Attributes, BatchObservableCallback, BatchObservableResult, Meter } from '@opentelemetry/api';
import { QueueTimeoutError } from '../errors.js';
import type { CallContext, LaneContext, PoolContext, QueryContext } from '../pool.js';
import { attributesOfError, attributesOfQuery } from './attributes.js';

const SECONDS = 1_000;
const DURATIONS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const ROWS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const POOL = 'db.client.connection.pool.name';
const STATE = 'db.client.connection.state';

/** Makes metrics of what the channels say, by https://opentelemetry.io/docs/specs/semconv/db/database-metrics/ */
export class Metrics {
  readonly #pools = new Set<PoolContext>();
  readonly #instruments: ReturnType<typeof instrumentsOf>;
  readonly #stopObserving: () => void;

  constructor(meter: Meter) {
    this.#instruments = instrumentsOf(meter);
    const { count, most, pending } = this.#instruments;
    const observe: BatchObservableCallback = (result) => this.#observe(result);
    meter.addBatchObservableCallback(observe, [count, most, pending]);
    this.#stopObserving = () => meter.removeBatchObservableCallback(observe, [count, most, pending]);
  }

  stop(): void {
    this.#stopObserving();
    this.#pools.clear();
  }

  queryEnded(query: QueryContext): void {
    const attributes: Attributes = { ...attributesOfQuery(query), ...attributesOfError(query.error) };
    // As many series as there are texts.
    delete attributes['db.query.text'];
    this.#instruments.duration.record(query.duration / SECONDS, attributes);
    if (query.error === undefined && query.changes === undefined) this.#instruments.rows.record(query.rows, attributes);
  }

  callStarted({ pool }: CallContext): void {
    this.#pools.add(pool);
  }
  callEnded({ pool, wait, run, error }: CallContext): void {
    const attributes = { [POOL]: pool.name };
    if (wait !== undefined) this.#instruments.wait.record(wait / SECONDS, attributes);
    if (run !== undefined) this.#instruments.use.record(run / SECONDS, attributes);
    if (error instanceof QueueTimeoutError) this.#instruments.timeouts.add(1, attributes);
  }

  laneOpened({ pool, event, openedAfter }: LaneContext): void {
    this.#pools.add(pool);
    if (event === 'opened' && openedAfter !== undefined)
      this.#instruments.create.record(openedAfter / SECONDS, { [POOL]: pool.name });
  }

  #observe(result: BatchObservableResult): void {
    const { count, most, pending } = this.#instruments;
    // Pools of one database have one name, and would replace each other's values.
    const sums = new Map<string, { idle: number; used: number; lanes: number; waiting: number }>();
    for (const pool of this.#pools) {
      const { lanes, waiting } = pool.stats();
      // One that was closed; one whose lanes are all lost is met again when the first of them has opened.
      if (lanes.length === 0) this.#pools.delete(pool);
      const sum = sums.get(pool.name) ?? { idle: 0, used: 0, lanes: 0, waiting: 0 };
      sums.set(pool.name, sum);
      sum.lanes += lanes.length;
      sum.waiting += waiting;
      // One that is opening is neither.
      for (const { state } of lanes)
        if (state === 'idle') sum.idle++;
        else if (state !== 'opening') sum.used++;
    }
    for (const [name, { idle, used, lanes, waiting }] of sums) {
      const attributes = { [POOL]: name };
      result.observe(count, idle, { ...attributes, [STATE]: 'idle' });
      result.observe(count, used, { ...attributes, [STATE]: 'used' });
      result.observe(most, lanes, attributes);
      result.observe(pending, waiting, attributes);
    }
  }
}

function instrumentsOf(meter: Meter) {
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: DURATIONS } });
  const current = (name: string, description: string, unit: string) =>
    meter.createObservableUpDownCounter(name, { description, unit });
  return {
    duration: seconds('db.client.operation.duration', 'Duration of database client operations.'),
    rows: meter.createHistogram('db.client.response.returned_rows', {
      description: 'The actual number of records returned by the database operation.',
      unit: '{row}',
      advice: { explicitBucketBoundaries: ROWS },
    }),
    wait: seconds('db.client.connection.wait_time', 'How long a call waited for a lane.'),
    use: seconds('db.client.connection.use_time', 'How long a lane worked on a call.'),
    create: seconds('db.client.connection.create_time', 'How long a lane took to open.'),
    timeouts: meter.createCounter('db.client.connection.timeouts', {
      description: 'Calls that waited for a lane in vain.',
      unit: '{timeout}',
    }),
    count: current('db.client.connection.count', 'Lanes, by what they do.', '{connection}'),
    most: current('db.client.connection.max', 'Lanes.', '{connection}'),
    pending: current('db.client.connection.pending_requests', 'Calls that wait for a lane.', '{request}'),
  };
}
