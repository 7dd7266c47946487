import type { CallReport } from '../plan/call-report.js';
import { type CallPlan, nameOf } from '../plan/plan.js';
import { now } from '../wire/clock.js';
import { type ErrorClasses, fromFault } from '../wire/fault.js';
import type { CallRecord, QueryRecord, Trace, Wish } from '../wire/record.js';
import type { CallSettings } from './call-settings.js';
import {
  type CallContext,
  type LaneContext,
  type PlanOutline,
  type PoolContext,
  type QueryContext,
  queryChannel,
  type Written,
} from './channels.js';

/** What is to be known of a call. */
interface Observed {
  readonly plan: CallPlan;
  readonly settings: CallSettings;
  readonly losses: number;
}

/** One object for all, so that they cross together. */
const COUNTS: Wish = { queries: false, trace: undefined };

/** What is noted of one call, because somebody asked for it: the caller, or who listens to a channel. */
export class Observation {
  readonly context: Written<CallContext>;
  readonly #call: Observed;
  readonly #classes: ErrorClasses;
  /** On the shared clock. */
  readonly #submitted = now();

  constructor(pool: PoolContext, call: Observed, classes: ErrorClasses) {
    const { timeout, queueTimeout, retries, isolation, transaction } = call.settings;
    this.#call = call;
    this.#classes = classes;
    const plan = outlineOf(call.plan);
    this.context = {
      ...{ pool, what: nameOf(call.plan), kind: plan.kind, name: shortNameOf(plan), plan },
      options: { timeout, queueTimeout, retries, isolation, transaction },
      start: Date.now(),
    };
  }

  /** What the lane shall write down; known when the subscribers have had their say. */
  get wish(): Wish {
    const trace = textsOf(this.context.trace);
    const queries = queryChannel.hasSubscribers;
    return trace === undefined && !queries ? COUNTS : { queries, trace };
  }

  /** What its lane has written down. */
  recorded({ attempts, queries, rows, lazyLoads, list }: CallRecord, lane: LaneContext): void {
    Object.assign(this.context, { lane, attempts: attempts + this.#call.losses, queries, rows, lazyLoads });
    for (const query of list) this.#publish(query, lane);
  }

  #publish({ start, error, ...query }: QueryRecord, lane: LaneContext): void {
    const context: Written<QueryContext> = {
      call: this.context,
      lane,
      ...query,
      start: this.context.start + (start - this.#submitted),
    };
    queryChannel.start.runStores(context, () => {
      if (error !== undefined) {
        context.error = fromFault(error, this.#classes);
        queryChannel.error.publish(context);
      }
      queryChannel.end.publish(context);
    });
  }

  /** A lane has run it, in this time on the shared clock. */
  ran(lane: LaneContext, start: number, end: number): void {
    const wait = Math.max(0, start - this.#submitted);
    Object.assign(this.context, { lane, wait, run: Math.max(0, end - start) });
  }
  settled(): void {
    this.context.duration = now() - this.#submitted;
  }

  /** The same for its caller. */
  report(): CallReport {
    const { wait = 0, run = 0, duration = 0, attempts = 1, queries = 0, lazyLoads = 0, rows = 0, lane } = this.context;
    const { id, role } = lane as LaneContext;
    return { wait, run, duration, attempts, queries, lazyLoads, rows, lane: { id, role } };
  }
}

function outlineOf(plan: CallPlan): PlanOutline {
  switch (plan.kind) {
    case 'unit':
      return { kind: 'unit', name: plan.name };
    case 'query':
      return { kind: 'query', sql: plan.sql };
    case 'list':
      return { kind: 'list', plans: plan.plans.map(outlineOf) };
    case 'stream':
      return { kind: 'stream', source: outlineOf(plan.source) };
    case 'lease':
      return { kind: 'lease', access: plan.access };
    case 'control':
      throw new TypeError('what a lease does with its transaction is not told of');
    default:
      return plan satisfies never;
  }
}

function shortNameOf(plan: PlanOutline): string {
  switch (plan.kind) {
    case 'unit':
      return plan.name;
    case 'query':
      return plan.sql;
    case 'stream':
      return shortNameOf(plan.source);
    default:
      return plan.kind;
  }
}

/** A copy, and of texts only: what cannot cross would take the whole batch with it. */
function textsOf(trace: Trace | undefined): Trace | undefined {
  if (typeof trace !== 'object' || trace === null) return undefined;
  const texts = Object.entries(trace).filter(([, value]) => typeof value === 'string');
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}
