import { performance } from 'node:perf_hooks';
import { percentile } from './statistics.js';

/** Node's timers count whole milliseconds: a beat is up to one late without anybody's fault. */
const PERIOD = 2;
/** Milliseconds of one point of a chart. */
export const SLICE = 20;

interface Beat {
  readonly at: number;
  readonly late: number;
}

/** A timer that notes how late it is, in milliseconds: what any other callback of this thread would have waited. */
export class Heartbeat implements Disposable {
  readonly #start = performance.now();
  readonly #beats: Beat[] = [];
  readonly #timer = setInterval(() => this.#beat(), PERIOD);
  #last = this.#start;

  #beat(): void {
    const now = performance.now();
    // A blocked loop swallows beats: each counts, late by its own due time, or a long block would pass for one late beat.
    for (let due = this.#last + PERIOD; ; due += PERIOD) {
      this.#beats.push({ at: due - this.#start, late: Math.max(0, now - due) });
      if (now - due < PERIOD) break;
    }
    this.#last = now;
  }

  delay() {
    this.#beat(); // the block that is still going on, if there is one
    const sorted = Float64Array.from(this.#beats, ({ late }) => late).sort();
    return { delayP50: percentile(sorted, 50), delayP99: percentile(sorted, 99), delayMax: sorted.at(-1) ?? 0 };
  }

  /** The longest delay of each slice of time. */
  slices(): number[] {
    const slices: number[] = [];
    for (const { at, late } of this.#beats) {
      const slice = Math.floor(at / SLICE);
      slices[slice] = Math.max(slices[slice] ?? 0, late);
    }
    return Array.from(slices, (late) => late ?? 0);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
