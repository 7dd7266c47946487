import { setTimeout as pause } from 'node:timers/promises';

const REACHED = 0;
const OPEN = 1;

/** Shared memory that goes to a unit as an argument: counts how often it was reached there, and holds who reached it until it is opened. */
export class Gate {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** One that only counts. */
  static opened(): Gate {
    const gate = new Gate();
    gate.open();
    return gate;
  }

  /** On the unit's thread. */
  pass(): void {
    Atomics.add(this.#words, REACHED, 1);
    Atomics.wait(this.#words, OPEN, 0);
  }

  get count(): number {
    return Atomics.load(this.#words, REACHED);
  }
  get isOpen(): boolean {
    return Atomics.load(this.#words, OPEN) === 1;
  }
  open(): void {
    Atomics.store(this.#words, OPEN, 1);
    Atomics.notify(this.#words, OPEN);
  }
  async reached(times = 1): Promise<void> {
    while (this.count < times) await pause(1);
  }
}
