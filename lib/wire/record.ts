import type { Fault } from './fault.js';

/** What a tracer sends along with a call: header names and values, such as `traceparent`. */
export type Trace = Readonly<Record<string, string>>;

/** What is to be written down of a call while it runs. It goes with its plan. */
export interface Wish {
  /** Each query by itself, and not only how many. */
  readonly queries: boolean;
  readonly trace: Trace | undefined;
}

/** One statement that was executed. */
export interface QueryRecord {
  readonly sql: string;
  /** How many values were bound. */
  readonly parameters: number;
  /** On the shared clock. */
  readonly start: number;
  /** Milliseconds in the database: of rows that were taken one by one, what it took to get them. */
  duration: number;
  rows: number;
  changes: number | undefined;
  error: Fault | undefined;
}

/** What was written down of a call, over all attempts. It goes back before the call's answer, or with it. */
export interface CallRecord {
  readonly slot: number;
  readonly attempts: number;
  readonly queries: number;
  readonly rows: number;
  readonly lazyLoads: number;
  /** Those that were wished for: the first ones, where there were very many. */
  readonly list: readonly QueryRecord[];
}
