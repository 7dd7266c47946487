/** As they were when this was loaded: a test that makes the clock stand still must not stop what is on its way for ever. */
const { setImmediate } = globalThis;

/** How long answers may be read and calls sent in one turn of the event loop. Milliseconds. */
const LONG = 4;

/**
 * One turn of the event loop. A port is read until it is empty, and it never is while its lane gets more to do: so a turn
 * that has become long ends with nothing more sent.
 */
export class Turn {
  readonly #onNext: () => void;
  #end: number | undefined;
  #isWaitedFor = false;

  /** @param onNext called when the next turn begins, if somebody found this one over */
  constructor(onNext: () => void) {
    this.#onNext = onNext;
  }

  get isOver(): boolean {
    const time = performance.now();
    if (this.#end === undefined) {
      this.#end = time + LONG;
      setImmediate(() => this.#next());
    }
    this.#isWaitedFor = time > this.#end;
    return this.#isWaitedFor;
  }

  #next(): void {
    this.#end = undefined;
    if (this.#isWaitedFor) this.#onNext();
  }
}
