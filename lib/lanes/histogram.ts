/** How long something took, over all of it so far. Milliseconds; percentiles are right to about 6 percent. */
export interface Times {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Buckets to each doubling, of which there are enough for a microsecond up to an hour. */
const FINENESS = 3;
const DOUBLINGS = 32;
const SIZE = DOUBLINGS << FINENESS;
const SMALLEST = -10;
const EXPONENT_OF_ONE = 1023;
const FIRST = (EXPONENT_OF_ONE + SMALLEST) << FINENESS;
/** Of a double's upper word, what is left of its fraction beside the exponent. */
const SHIFT = 20 - FINENESS;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
const UPPER = words[1] === 0 ? 0 : 1;

/** Counts times in buckets whose widths grow with them. A double's own exponent says which: no logarithm is taken. */
export class Histogram {
  readonly #counts = new Float64Array(SIZE);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(milliseconds: number): void {
    const time = milliseconds > 0 ? milliseconds : 0;
    this.#count++;
    this.#sum += time;
    if (time > this.#max) this.#max = time;
    double[0] = time;
    const bucket = ((words[UPPER] as number) >>> SHIFT) - FIRST;
    const index = bucket < 0 ? 0 : bucket >= SIZE ? SIZE - 1 : bucket;
    (this.#counts[index] as number)++;
  }

  times(): Times {
    const count = this.#count;
    return {
      count,
      mean: count === 0 ? 0 : this.#sum / count,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      max: this.#max,
    };
  }

  #percentile(part: number): number {
    let left = Math.max(1, Math.ceil(this.#count * part));
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(this.#max, middleOf(index));
    }
    return 0;
  }
}

function middleOf(index: number): number {
  const steps = 1 << FINENESS;
  return 2 ** (SMALLEST + Math.floor(index / steps)) * (1 + ((index % steps) + 0.5) / steps);
}
