import type { Changes } from '../plan/changes.js';
import { now } from '../wire/clock.js';
import { toFault } from '../wire/fault.js';
import type { CallRecord, QueryRecord, Trace, Wish } from '../wire/record.js';
import type { RawRow } from './connection.js';

/** More queries of one call are counted, and not written down: nobody reads them, and they would all be kept until it is over. */
const MOST = 1_000;

/** What one call asks of the database, written down while it runs. */
export class QueryLog {
  readonly trace: Trace | undefined;
  attempts = 0;
  lazyLoads = 0;
  #queries = 0;
  #rows = 0;
  readonly #keeps: boolean;
  readonly #list: QueryRecord[] = [];

  constructor({ queries, trace }: Wish) {
    this.#keeps = queries;
    this.trace = trace;
  }

  /** A statement is about to be executed with so many values. */
  begin(sql: string, parameters: number, start = now()): QueryRecord {
    this.#queries++;
    const query: QueryRecord = { sql, parameters, start, duration: 0, rows: 0, changes: undefined, error: undefined };
    if (this.#keeps && this.#list.length < MOST) this.#list.push(query);
    return query;
  }
  /** It has answered: with rows, or with what it changed. */
  end(query: QueryRecord, result: readonly unknown[] | Pick<Changes, 'changes'>, time = now()): void {
    query.duration = time - query.start;
    if ('changes' in result) query.changes = result.changes;
    else this.#count(query, result.length);
  }
  fail(query: QueryRecord, error: unknown, time = now()): void {
    query.duration = time - query.start;
    if (this.#keeps) query.error = toFault(error);
  }

  /** Rows that come part by part, of which `next` gets some. */
  during(query: QueryRecord, next: () => RawRow[]): RawRow[] {
    const start = now();
    try {
      const rows = next();
      this.#count(query, rows.length);
      return rows;
    } catch (error) {
      if (this.#keeps) query.error = toFault(error);
      throw error;
    } finally {
      query.duration += now() - start;
    }
  }

  /** The rows of a statement that are taken one by one. */
  *follow(sql: string, parameters: number, rows: IterableIterator<RawRow>): IterableIterator<RawRow> {
    const query = this.begin(sql, parameters);
    try {
      for (;;) {
        const start = now();
        const next = rows.next();
        query.duration += now() - start;
        if (next.done) return;
        this.#count(query, 1);
        yield next.value;
      }
    } catch (error) {
      if (this.#keeps) query.error = toFault(error);
      throw error;
    } finally {
      rows.return?.();
    }
  }

  #count(query: QueryRecord, rows: number): void {
    query.rows += rows;
    this.#rows += rows;
  }

  record(slot: number): CallRecord {
    const { attempts, lazyLoads } = this;
    return { slot, attempts, queries: this.#queries, rows: this.#rows, lazyLoads, list: this.#list };
  }
}
