import type { Call } from './lane.js';

const FEW = 1024;

/** Calls that wait, first come first served. Who gives up while waiting is only marked, and passed over later. */
export class Queue {
  #calls: (Call | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** How many wait, those who gave up not counted. */
  get size(): number {
    return this.#size;
  }
  push(call: Call): void {
    this.#calls.push(call);
    this.#size++;
  }
  /** Back to where they were: in the order of their submission. */
  restore(calls: readonly Call[]): void {
    if (calls.length === 0) return;
    this.#compact([...calls, ...this].sort((a, b) => a.sequence - b.sequence));
    this.#size += calls.length;
  }
  /** The call was settled while it waited here. */
  forget(): void {
    this.#size--;
    // Behind a lane that hangs, calls come and give up without end.
    if (this.#calls.length - this.#head > FEW + 2 * this.#size) this.#compact([...this]);
  }
  shift(): Call | undefined {
    while (this.#head < this.#calls.length) {
      const call = this.#calls[this.#head] as Call;
      this.#calls[this.#head++] = undefined;
      if (this.#head > FEW && this.#head * 2 > this.#calls.length) this.#compact(this.#calls.slice(this.#head));
      if (call.isSettled) continue;
      this.#size--;
      return call;
    }
    return undefined;
  }
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let i = this.#head; i < this.#calls.length; i++) {
      const call = this.#calls[i];
      if (call !== undefined && !call.isSettled) yield call;
    }
  }

  #compact(calls: (Call | undefined)[]): void {
    this.#calls = calls;
    this.#head = 0;
  }
}
