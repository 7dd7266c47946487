import type { DatabaseLocation } from '../plan/database.js';
import { nameOf } from '../plan/plan.js';
import { now } from '../wire/clock.js';
import type { ErrorClasses } from '../wire/fault.js';
import type { Call } from './call.js';
import {
  areCallsHeard,
  callChannel,
  type LaneContext,
  laneChannel,
  type PoolContext,
  type Written,
} from './channels.js';
import { Histogram } from './histogram.js';
import { type Level, type Logger, log } from './logger.js';
import { Observation } from './observation.js';
import type { PoolStats } from './pool-stats.js';

export interface JournalOptions {
  /** None where a pool only wraps modules. */
  readonly location: DatabaseLocation | undefined;
  readonly logger: Logger | undefined;
  /** Milliseconds from which on a call is logged as slow. */
  readonly slowCall: number;
  readonly classes: ErrorClasses;
  readonly stats: () => PoolStats;
}

/** A lane, as far as it is told of. */
interface Told {
  readonly id: number;
  readonly role: LaneContext['role'];
  readonly site: { readonly location: DatabaseLocation };
}

/** What happens in a pool, told to whoever wants to know: the channels, the logger, the statistics, and callers who asked for a report. */
export class Journal {
  readonly waits = new Histogram();
  readonly runs = new Histogram();
  /** The pool is open: a lane that opens from now on takes the place of another. */
  isOpen = false;
  readonly #pool: PoolContext;
  readonly #logger: Logger | undefined;
  readonly #slowCall: number;
  readonly #classes: ErrorClasses;

  constructor({ location, logger, slowCall, classes, stats }: JournalOptions) {
    this.#pool = { name: nameOfPool(location), dialect: location?.dialect, stats };
    this.#logger = logger;
    this.#slowCall = logger === undefined ? Number.POSITIVE_INFINITY : slowCall;
    this.#classes = classes;
  }

  // ── Calls ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether more than the statistics is wanted of this call. */
  wants({ settings }: Call): boolean {
    return settings.report || areCallsHeard();
  }
  /** Submits a call under observation; the promise is what its caller gets. */
  observe(call: Call, submit: () => void): Promise<unknown> {
    const observation = new Observation(this.#pool, call, this.#classes);
    const begin = () => {
      call.observation = observation;
      submit();
      return call.promise;
    };
    const { context } = observation;
    const promise = callChannel.hasSubscribers ? callChannel.tracePromise(begin, context) : begin();
    if (!call.settings.report) return promise;
    return promise.then((result) => ({ result, report: observation.report() }));
  }

  /** The same of a call that holds its lane, whose caller gets something else. */
  follow(call: Call, submit: () => void): void {
    if (!this.wants(call)) return submit();
    this.observe(call, submit).catch(() => {});
  }

  /** A lane has run it, from `start` to `end` on the shared clock. */
  answered(call: Call, lane: LaneContext, start: number, end: number): void {
    const run = end - start;
    this.waits.add(start - arrivalOf(call, start));
    // A stream or a lease takes as long as its caller lets it.
    if (call.plan.kind !== 'stream' && call.plan.kind !== 'lease') {
      this.runs.add(run);
      if (run >= this.#slowCall) this.#slow(call, lane, start, end);
    }
    if (call.observation !== undefined) call.observation.ran(lane, start, end);
  }
  /** It is rejected without an answer: it was given up, or its lane is gone. */
  givenUp(call: Call, lane: LaneContext | undefined, start: number | undefined): void {
    const time = now();
    if (lane !== undefined && start !== undefined) this.answered(call, lane, start, time);
    else if (call.givenUp === undefined) this.waits.add(time - arrivalOf(call, time));
  }

  #slow(call: Call, lane: LaneContext, start: number, end: number): void {
    const [run, wait] = [rounded(end - start), rounded(start - arrivalOf(call, start))];
    const { id, role } = lane;
    const what = nameOf(call.plan);
    const object = { pool: this.#pool.name, what, run, wait, lane: { id, role } };
    log(this.#logger, 'warn', object, `offthread: slow call: ${what} ran for ${run} ms`);
  }

  // ── Lanes ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** It is being opened. Says what the rest of its life is told with. */
  opening({ id, role, site: { location } }: Told): Written<LaneContext> {
    const context: Written<LaneContext> = {
      ...{ pool: this.#pool, id, role, event: 'opening', start: Date.now() },
      ...placeOf(location),
    };
    if (laneChannel.hasSubscribers) laneChannel.start.runStores(context, () => laneChannel.end.publish(context));
    return context;
  }
  opened(lane: Written<LaneContext>, system: LaneContext['system'], after: number): void {
    lane.system = system;
    lane.openedAfter = after;
    this.#tell(
      lane,
      'opened',
      this.isOpen ? 'info' : 'debug',
      this.isOpen ? 'is open, in the place of another' : 'is open',
    );
  }
  failed(lane: Written<LaneContext>, error: unknown): void {
    this.#tell(lane, 'failed', 'error', 'could not be opened', error);
  }
  lost(lane: Written<LaneContext>, error: unknown): void {
    // One that could not be opened ends its thread too.
    if (OVER.has(lane.event)) return;
    this.#tell(lane, 'lost', 'error', 'was lost', error);
  }
  retired(lane: Written<LaneContext>, call: Call | undefined): void {
    const what = call === undefined ? '' : ` in ${nameOf(call.plan)}`;
    const error = new Error(`A call of the driver${what} does not return.`);
    this.#tell(lane, 'retired', 'warn', 'is out of service, since a call of the driver does not return', error);
  }
  returned(lane: Written<LaneContext>): void {
    delete lane.error;
    this.#tell(lane, 'returned', 'info', 'is back in service');
  }
  closed(lane: Written<LaneContext>): void {
    if (!OVER.has(lane.event)) this.#tell(lane, 'closed', 'debug', 'is closed');
  }

  #tell(
    lane: Written<LaneContext>,
    event: LaneContext['event'],
    level: Level,
    sentence: string,
    error?: unknown,
  ): void {
    const { id, role } = lane;
    lane.event = event;
    if (error !== undefined) lane.error = error;
    if (laneChannel.hasSubscribers) {
      if (error !== undefined) laneChannel.error.publish(lane);
      if (event === 'opened' || event === 'returned') laneChannel.asyncStart.publish(lane);
      if (event === 'failed' || event === 'lost' || event === 'closed') laneChannel.asyncEnd.publish(lane);
    }
    const object = { pool: this.#pool.name, lane: { id, role }, event, ...(error !== undefined && { err: error }) };
    log(this.#logger, level, object, `offthread: lane ${id} (${role}) ${sentence}`);
  }
}

const OVER: ReadonlySet<LaneContext['event']> = new Set(['failed', 'lost', 'closed']);

/** Where it was taken by a lane before it had begun to wait, it has not waited. */
const arrivalOf = ({ arrival }: Call, start: number): number => Math.min(arrival?.time ?? start, start);

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;

function placeOf(location: DatabaseLocation): Pick<LaneContext, 'system' | 'namespace' | 'address' | 'port'> {
  if (location.dialect === 'sqlite')
    return { system: 'sqlite', namespace: location.path, address: undefined, port: undefined };
  const { address, database: namespace } = location;
  const [host, port] = 'path' in address ? [address.path, undefined] : [address.host, address.port];
  return { system: 'mysql', namespace, address: host, port };
}

function nameOfPool(location: DatabaseLocation | undefined): string {
  if (location === undefined) return 'modules';
  if (location.dialect === 'sqlite') return location.path;
  const { address, port, namespace } = placeOf(location);
  return `${address}${port === undefined ? '' : `:${port}`}${namespace === undefined ? '' : `/${namespace}`}`;
}
