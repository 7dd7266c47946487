import type { Call } from './call.js';
import { joinCallers } from './stack.js';

/** As it was when this was loaded, since tests replace it: nothing else tells a lane to go on. */
const { setImmediate } = globalThis;

/** Where the calls of streams go. */
export interface StreamDesk {
  readonly submit: (call: Call<never>) => void;
  /** Its consumer has begun with a chunk. */
  readonly take: (call: Call<never>) => void;
  /** Its consumer wants no more. */
  readonly leave: (call: Call<never>) => void;
}
interface Wishes {
  /** Submits its call, whose chunks go to `onChunk`; throws where it cannot be. */
  readonly begin: (onChunk: (chunk: unknown[]) => void) => Call<never>;
  readonly signal: AbortSignal | undefined;
  readonly inChunks: boolean;
}
interface Failure {
  readonly error: unknown;
  /** It is the reason of an abort, and told as it is. */
  readonly isAbort: boolean;
}

interface Waiter {
  readonly promise: Promise<Next>;
  readonly resolve: (next: Next) => void;
  readonly reject: (error: unknown) => void;
}
type Next = IteratorResult<unknown, undefined>;
const END: Next = Object.freeze({ value: undefined, done: true });

/**
 * What a call answers bit by bit, for one consumer. It is started by the first `next()`; rows that are here already cost their
 * consumer no wait.
 */
export class Stream implements AsyncIterableIterator<unknown, undefined> {
  readonly #desk: StreamDesk;
  readonly #begin: Wishes['begin'];
  readonly #inChunks: boolean;
  /** Until the end of the stream has been told. */
  #signal: AbortSignal | undefined;
  #call: Call<never> | undefined;
  /** The chunk that is handed out row by row. */
  #rows: readonly unknown[] = [];
  #at = 0;
  #chunks: unknown[][] = [];
  #waiters: Waiter[] = [];
  /** There is nothing to come behind the chunks, but perhaps an error. */
  #isOver = false;
  #failure: Failure | undefined;

  constructor(desk: StreamDesk, { begin, signal, inChunks }: Wishes) {
    this.#desk = desk;
    this.#begin = begin;
    this.#inChunks = inChunks;
    this.#signal = signal;
  }

  // Not an async function: each row would cost two promises more.
  next(): Promise<Next> {
    if (this.#signal?.aborted) this.#abort(this.#signal);
    if (this.#at < this.#rows.length) return Promise.resolve({ value: this.#rows[this.#at++], done: false });
    this.#start();
    const waiter = newWaiter();
    this.#waiters.push(waiter);
    this.#serve();
    return waiter.promise;
  }

  #start(): void {
    if (this.#call !== undefined || this.#isOver) return;
    try {
      this.#call = this.#begin((chunk) => this.#receive(chunk));
    } catch (error) {
      return this.#fail(error);
    }
    this.#call.promise.then(
      () => this.#end(undefined),
      (error) => this.#fail(error),
    );
  }

  #receive(chunk: unknown[]): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk);
    this.#serve();
  }
  #fail(error: unknown): void {
    if (this.#signal?.aborted && this.#signal.reason === error) this.#abort(this.#signal);
    else this.#end({ error, isAbort: false });
  }
  /** Whoever aborts wants none of what is still here: as fetch does. */
  #abort({ reason }: AbortSignal): void {
    this.#signal = undefined;
    this.#drop();
    this.#isOver = true;
    this.#failure = { error: reason, isAbort: true };
    this.#serve();
  }
  #end(failure: Failure | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#serve();
  }
  #drop(): void {
    this.#rows = [];
    this.#at = 0;
    this.#chunks = [];
  }

  /** Answers those who wait, as far as there is something to answer. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      const next = this.#take();
      if (next === undefined) return;
      const waiter = this.#waiters.shift() as Waiter;
      if (next === END) this.#tellEnd(waiter);
      else waiter.resolve(next);
    }
  }
  #tellEnd({ promise, resolve, reject }: Waiter): void {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#signal = undefined;
    if (failure === undefined) resolve(END);
    else if (failure.isAbort) reject(failure.error);
    else joinCallers(promise, failure.error, reject);
  }

  /** The next row or chunk; undefined while it is to come. */
  #take(): Next | undefined {
    if (this.#at < this.#rows.length) return { value: this.#rows[this.#at++], done: false };
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return this.#isOver ? END : undefined;
    this.#tellTaken();
    if (this.#inChunks) return { value: chunk, done: false };
    this.#rows = chunk;
    this.#at = 1;
    return { value: chunk[0], done: false };
  }

  /** In the next turn of the event loop: a lane and a consumer who never waits would else keep all others from theirs. */
  #tellTaken(): void {
    const call = this.#call as Call<never>;
    setImmediate(() => {
      if (!call.isSettled) this.#desk.take(call);
    });
  }

  /** Resolves when its lane has made an end of it. */
  async return(): Promise<Next> {
    const call = this.#call;
    this.#drop();
    this.#isOver = true;
    this.#failure = undefined;
    this.#signal = undefined;
    this.#serve();
    if (call !== undefined && !call.isSettled) {
      this.#desk.leave(call);
      await call.promise.catch(() => {});
    }
    return END;
  }
  /** As a generator does that does not catch it. */
  async throw(error: unknown): Promise<Next> {
    await this.return();
    throw error;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
}

function newWaiter(): Waiter {
  let resolve!: Waiter['resolve'];
  let reject!: Waiter['reject'];
  const promise = new Promise<Next>((onNext, onFailure) => {
    resolve = onNext;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}
