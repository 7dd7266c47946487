import type { Call } from './lane.js';

/** Calls that wait, first come first served. Who gives up while waiting is only marked, and passed over later. */
export class Queue {
  #calls: Call[] = [];
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
  /** Back to the front, in their own order: they have waited before. */
  unshift(calls: readonly Call[]): void {
    this.#calls = [...calls, ...this.#calls.slice(this.#head)];
    this.#head = 0;
    this.#size += calls.length;
  }
  /** The call was settled while it waited here. */
  forget(): void {
    this.#size--;
  }
  shift(): Call | undefined {
    while (this.#head < this.#calls.length) {
      const call = this.#calls[this.#head] as Call;
      this.#calls[this.#head++] = undefined as never;
      if (this.#head > 1024 && this.#head * 2 > this.#calls.length) {
        this.#calls = this.#calls.slice(this.#head);
        this.#head = 0;
      }
      if (call.isSettled) continue;
      this.#size--;
      return call;
    }
    return undefined;
  }
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let i = this.#head; i < this.#calls.length; i++)
      if (!(this.#calls[i] as Call).isSettled) yield this.#calls[i] as Call;
  }
}
