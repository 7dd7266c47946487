import { expect } from 'chai';
import * as fc from 'fast-check';
import { Histogram } from '../../lib/lanes/histogram.js';

const LEAST = 2 ** -10;

describe('a histogram of times', () => {
  it('is all zeros where there was nothing', () => {
    expect(new Histogram().times()).to.deep.equal({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });

  it('has percentiles that are right to 7 percent, and no more than the maximum', () => {
    void fc.assert(
      fc.property(fc.array(fc.double({ min: LEAST, max: 1e6, noNaN: true }), { minLength: 1 }), (times) => {
        const histogram = new Histogram();
        for (const time of times) histogram.add(time);
        const sorted = times.toSorted((a, b) => a - b);
        const told = histogram.times();
        expect(told.count).to.equal(times.length);
        expect(told.max).to.equal(sorted.at(-1));
        for (const [name, part] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(times.length * part) - 1] as number;
          expect(told[name]).to.be.within(exact / 1.07, exact * 1.07);
        }
      }),
    );
  });

  it('takes what is shorter than a microsecond, longer than an hour, or no time at all', () => {
    const histogram = new Histogram();
    for (const time of [0, 1e-9, -5, Number.NaN, 1e12]) histogram.add(time);
    expect(histogram.times()).to.include({ count: 5, max: 1e12 });
    expect(histogram.times().p50).to.be.below(2 * LEAST);
  });
});
