/** What a call took. Milliseconds, and counts over all attempts. */
export interface CallReport {
  /** From its submission until a lane began it. */
  readonly wait: number;
  /** From then until it was done, its COMMIT included. */
  readonly run: number;
  /** From its submission until its answer was here. */
  readonly duration: number;
  /** How often it was run: more than once where the database, or the loss of a lane, undid it. */
  readonly attempts: number;
  /** Statements. BEGIN, COMMIT and savepoints, which may be shared, are none. */
  readonly queries: number;
  /** Relations that were loaded by a touch: each that is not a query found what it needed in the session. */
  readonly lazyLoads: number;
  /** Rows that the statements have read. */
  readonly rows: number;
  /** Which lane ran it, as in `pool.stats()`. */
  readonly lane: { readonly id: number; readonly role: 'writer' | 'reader' | 'both' };
}
/** What `run` answers, with a report where one was asked for. */
export type Reported<A, R extends boolean> = R extends true ? { result: A; report: CallReport } : A;
