import type { DeleteResult, InsertResult, MergeResult, UpdateResult } from 'kysely';

/** What a query answers that returns no rows. */
export interface Changes {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** The key of the last row inserted, on MySQL of the first; undefined where nothing was. */
  readonly insertId: number | bigint | undefined;
  /** On MySQL, of an UPDATE: how many of the rows that it found had other values before. Absent else. */
  readonly changedRows?: number;
}
/** What a query answers: rows, or what it changed. */
export type RowsOf<O> = O extends InsertResult | UpdateResult | DeleteResult | MergeResult ? Changes : O[];
