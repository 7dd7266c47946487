import { now } from '../wire/clock.js';

const { setTimeout, clearTimeout } = globalThis;

/** One timer for all deadlines: it rings at the earliest time that anybody asked for. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  constructor(ring: () => void) {
    this.#ring = ring;
  }
  /** @param time on the shared clock */
  by(time: number): void {
    if (time >= this.#at || time === Number.POSITIVE_INFINITY) return;
    this.stop();
    this.#at = time;
    const LONGEST = 2 ** 31 - 1;
    this.#timer = setTimeout(
      () => {
        this.#at = Number.POSITIVE_INFINITY;
        this.#ring();
      },
      Math.min(LONGEST, Math.max(1, Math.ceil(time - now()))),
    );
    // The lanes' tasks keep the process alive while there is work, not this.
    this.#timer.unref();
  }
  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }
}
