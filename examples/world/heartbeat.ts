import { createHistogram, performance } from 'node:perf_hooks';

const PERIOD = 5;

/** How late the event loop is, in milliseconds. */
export interface Delay {
  p50: number;
  p99: number;
  max: number;
}

/** A timer that notes how late it is: what any other callback of this thread would have waited. */
export class Heartbeat implements Disposable {
  readonly #microseconds = createHistogram();
  readonly #timer = setInterval(() => this.#beat(), PERIOD);
  #last = performance.now();

  #beat(): void {
    const now = performance.now();
    // A blocked loop swallows beats: each counts, late by its own due time, or a long block would pass for one late beat.
    for (let late = now - this.#last - PERIOD; ; late -= PERIOD) {
      this.#microseconds.record(Math.max(1, Math.round(late * 1_000)));
      if (late < PERIOD) break;
    }
    this.#last = now;
  }

  delay(): Delay {
    this.#beat(); // the block that is still going on, if there is one
    const { max } = this.#microseconds;
    return { p50: this.#percentile(50), p99: this.#percentile(99), max: max / 1_000 };
  }

  #percentile(percent: number): number {
    return this.#microseconds.percentile(percent) / 1_000;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
