import type { Times } from './histogram.js';

/** A pool's state at this moment. Times are in milliseconds. */
export interface PoolStats {
  /** Calls in the queue. */
  readonly waiting: number;
  /** How long the one that came first has been waiting there; 0 where none waits. */
  readonly oldestWait: number;
  /** Calls that are with a lane. */
  readonly running: number;
  readonly fulfilled: number;
  readonly rejected: number;
  /** Messages that carried calls to lanes. */
  readonly batches: number;
  /** How long calls have waited for a lane, those that gave up waiting included. */
  readonly waits: Times;
  /** How long lanes have worked on them, COMMIT included. */
  readonly runs: Times;
  /** Transactions in which writes that waited were committed together: how many, the writes in them, and the most in one. */
  readonly groups: { readonly count: number; readonly writes: number; readonly largest: number };
  readonly lanes: readonly LaneStats[];
  /** Lanes whose thread ended and was replaced. */
  readonly lanesLost: number;
  /** Lanes taken out of service because a call of the driver did not return. */
  readonly lanesRetired: number;
}
export interface LaneStats {
  /** The same in `diagnostics_channel` and in the log. */
  readonly id: number;
  /** `'wrapped'` serves a module of `wrap`. */
  readonly role: 'writer' | 'reader' | 'both' | 'wrapped';
  readonly state: 'opening' | 'idle' | 'busy' | 'held' | 'retired';
  /** Calls that are with it. */
  readonly calls: number;
  /** Calls that it has answered. */
  readonly served: number;
  /** What it works on, or who holds it, as `the unit 'rename'`, and for how long; missing where there is nothing. */
  readonly current?: { readonly what: string; readonly for: number };
  /** The file of the module that it serves, where it is a wrapped one. */
  readonly module?: string;
  /** How its bytes reach a server: by a blocking socket, or by a thread beside it. Missing on SQLite, which has none. */
  readonly stream?: 'socket' | 'relay';
}
