import { expect } from 'chai';
import { medians, percentile, ratios, spread } from '../../bench/statistics.js';

describe('The statistics of the bench', () => {
  it('take the middle run, and say how far the others were', () => {
    expect(spread([5, 1, 3])).to.deep.equal({ median: 3, min: 1, max: 5 });
    expect(spread([4, 1, 3, 2])).to.deep.equal({ median: 2.5, min: 1, max: 4 });
    expect(spread([7])).to.deep.equal({ median: 7, min: 7, max: 7 });
    expect(() => spread([])).to.throw(RangeError, 'no median of nothing');
  });

  it('leave the runs in their order', () => {
    const runs = [3, 1, 2];
    spread(runs);
    expect(runs).to.deep.equal([3, 1, 2]);
  });

  it('divide within a round, so that a slow round is no slow contender', () => {
    // The second round had half of the machine: both were twice as slow.
    expect(ratios([100, 50, 100], [200, 100, 200])).to.deep.equal([0.5, 0.5, 0.5]);
    expect(() => ratios([1, 2], [1])).to.throw(RangeError, 'the same number');
  });

  it('find a percentile between two ranks', () => {
    const sorted = [0, 10, 20, 30];
    expect([0, 50, 100].map((percent) => percentile(sorted, percent))).to.deep.equal([0, 15, 30]);
    expect(percentile(sorted, 90)).to.be.closeTo(27, 1e-9);
    expect(percentile([4], 99)).to.equal(4);
  });

  it('make one list of several, place by place', () => {
    expect(
      medians([
        [1, 10],
        [3, 30],
        [2, 20],
      ]),
    ).to.deep.equal([2, 20]);
    expect(
      medians([
        [1, 10, 100],
        [3, 30],
      ]),
    ).to.deep.equal([2, 20]);
  });
});
