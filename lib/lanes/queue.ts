import type { Call } from './lane.js';

const FEW = 1024;

/**
 * Calls that wait, first come first served; each knows the next, since an array would have to grow and be moved. Who gives up
 * while waiting is only marked, and passed over later.
 */
export class Queue {
  #first: Call | undefined;
  #last: Call | undefined;
  /** Of those who gave up too. */
  #length = 0;
  #size = 0;

  /** How many wait, those who gave up not counted. */
  get size(): number {
    return this.#size;
  }
  push(call: Call): void {
    this.#append(call);
    this.#size++;
  }
  /** Back to the front, from where it was taken. */
  unshift(call: Call): void {
    call.next = this.#first;
    this.#first = call;
    this.#last ??= call;
    this.#length++;
    this.#size++;
  }
  has(call: Call): boolean {
    for (const each of this) if (each === call) return true;
    return false;
  }
  takeAll(): Call[] {
    const calls = [...this];
    this.#refill([]);
    this.#size = 0;
    return calls;
  }
  /** Back to where they were: in the order of their submission. */
  restore(calls: readonly Call[]): void {
    if (calls.length === 0) return;
    this.#refill([...calls, ...this].sort((a, b) => a.sequence - b.sequence));
    this.#size += calls.length;
  }
  /** The call was settled while it waited here. */
  forget(): void {
    this.#size--;
    // Behind a lane that hangs, calls come and give up without end.
    if (this.#length > FEW + 2 * this.#size) this.#refill([...this]);
  }
  get first(): Call | undefined {
    let call = this.#first;
    while (call?.isSettled) call = call.next;
    return call;
  }
  shift(): Call | undefined {
    for (let call = this.#first; call !== undefined; call = this.#first) {
      this.#first = call.next;
      if (call.next === undefined) this.#last = undefined;
      call.next = undefined;
      this.#length--;
      if (call.isSettled) continue;
      this.#size--;
      return call;
    }
    return undefined;
  }
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let call = this.#first; call !== undefined; call = call.next) if (!call.isSettled) yield call;
  }

  #append(call: Call): void {
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.#length++;
  }
  #refill(calls: readonly Call[]): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#length = 0;
    for (const call of calls) {
      call.next = undefined;
      this.#append(call);
    }
  }
}
