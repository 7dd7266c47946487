/**
 * Rows that are read as they are taken, for one consumer: `for await (const row of pool.stream(query))`. It begins with the
 * first `next()`, and ends early with `break`, `return()` or `await using`.
 */
export interface Stream<T> extends AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends it: resolves when its statement is closed and its lane is free. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** Ends it, and rejects with this error. */
  throw(error: unknown): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): Stream<T>;
}
