/** Calls that crossed together. */
interface Batch {
  left: number;
  /** What it is thought to take, in milliseconds. */
  readonly cost: number;
}

/** The places of a lane's cell, and whose they are until they are answered. */
export class Slots<Call extends { slot: number }> {
  readonly #calls: (Call | undefined)[] = [];
  readonly #batchOf: (Batch | undefined)[] = [];
  readonly #free: number[] = [];
  /** Places that are taken. */
  load = 0;
  /** Batches on their way. */
  batches = 0;
  /** What they are thought to take, in milliseconds. */
  backlog = 0;

  /** A place for each of these calls, which are thought to take `cost` milliseconds. */
  take(calls: readonly Call[], cost: number): void {
    const batch = { left: calls.length, cost };
    for (const call of calls) {
      const slot = this.#free.pop() ?? this.#calls.length;
      this.#calls[slot] = call;
      this.#batchOf[slot] = batch;
      call.slot = slot;
    }
    this.load += calls.length;
    this.batches++;
    this.backlog += cost;
  }

  /** The place is free again; answers whose it was. */
  release(slot: number): Call | undefined {
    const call = this.#calls[slot];
    const batch = this.#batchOf[slot];
    this.#calls[slot] = undefined;
    this.#batchOf[slot] = undefined;
    this.#free.push(slot);
    this.load--;
    if (batch !== undefined && --batch.left === 0) {
      this.batches--;
      this.backlog = this.batches === 0 ? 0 : this.backlog - batch.cost;
    }
    return call;
  }

  /** Whoever has a place, and the place. */
  *[Symbol.iterator](): IterableIterator<readonly [slot: number, call: Call]> {
    for (const [slot, call] of this.#calls.entries()) if (call !== undefined) yield [slot, call];
  }
}
