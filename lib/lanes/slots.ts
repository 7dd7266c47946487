import { SLOTS } from '../wire/cell.js';

/** Two batches are on their way at most: one that is served, and one that waits there. */
export const BATCHES = 2;
/** Most calls in a batch: each has places of its own. */
export const MOST_IN_A_BATCH = SLOTS / BATCHES;

/** Calls that crossed together, in places one after another. */
interface Batch<Call> {
  readonly calls: (Call | undefined)[];
  left: number;
  /** What it is thought to take, in milliseconds. */
  readonly cost: number;
}

/** The places of a lane's cell, and whose they are until they are answered. */
export class Slots<Call extends { slot: number }> {
  readonly #batches: (Batch<Call> | undefined)[] = new Array(BATCHES).fill(undefined);
  /** Places that are taken. */
  load = 0;
  /** Batches on their way. */
  batches = 0;
  /** What they are thought to take, in milliseconds. */
  backlog = 0;

  /** Places for these calls, one after another, of which it answers the first; they are thought to take `cost` milliseconds. */
  take(calls: readonly Call[], cost: number): number {
    const place = this.#batches.indexOf(undefined);
    const first = place * MOST_IN_A_BATCH;
    this.#batches[place] = { calls: [...calls], left: calls.length, cost };
    let slot = first;
    for (const call of calls) call.slot = slot++;
    this.load += calls.length;
    this.batches++;
    this.backlog += cost;
    return first;
  }

  /** Whose place it is. */
  at(slot: number): Call | undefined {
    return this.#batches[Math.floor(slot / MOST_IN_A_BATCH)]?.calls[slot % MOST_IN_A_BATCH];
  }

  /** The place is free again; answers whose it was. */
  release(slot: number): Call | undefined {
    const place = Math.floor(slot / MOST_IN_A_BATCH);
    const batch = this.#batches[place];
    const call = batch?.calls[slot % MOST_IN_A_BATCH];
    if (batch === undefined || call === undefined) return undefined;
    batch.calls[slot % MOST_IN_A_BATCH] = undefined;
    this.load--;
    if (--batch.left === 0) {
      this.#batches[place] = undefined;
      this.batches--;
      this.backlog = this.batches === 0 ? 0 : this.backlog - batch.cost;
    }
    return call;
  }

  /** Whoever has a place, and the place. */
  *[Symbol.iterator](): IterableIterator<readonly [slot: number, call: Call]> {
    for (const [place, batch] of this.#batches.entries()) {
      for (const [i, call] of (batch?.calls ?? []).entries())
        if (call !== undefined) yield [place * MOST_IN_A_BATCH + i, call];
    }
  }
}
