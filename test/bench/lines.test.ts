import { expect } from 'chai';
import { linesOf, worstDelay } from '../../bench/lines.js';
import type { TrialResult } from '../../bench/results.js';
import { table } from '../../bench/table.js';
import type { Comparison, Trial } from '../../bench/trial.js';

const runsOf = (callTimes: readonly number[]) =>
  callTimes.map((callTime, i) => ({ figures: { callTime, callsPerSecond: 1_000 / callTime, delayP99: i } }));

const result: TrialResult = {
  name: 'made-up',
  group: 'reads',
  title: 'a trial for this test',
  contenders: [
    { key: 'main', title: 'the main thread', isPool: false, runs: runsOf([10, 20, 10]) },
    { key: 'pool', title: 'a pool', isPool: true, runs: runsOf([20, 40, 30]) },
  ],
};

function lines(...comparisons: Partial<Comparison>[]) {
  const trial = {
    ...result,
    contenders: {},
    comparisons: comparisons.map((each) => ({ what: 'time', figure: 'callTime', of: 'pool', ...each })),
  } as unknown as Trial;
  return linesOf(trial, result);
}

describe('The lines of the bench’s table', () => {
  it('hold the median of the rounds’ own ratios, with the least and the most', () => {
    const [line] = lines({ against: 'main' });
    expect(line?.own).to.deep.equal({ median: 30, min: 20, max: 40 });
    expect(line?.others).to.deep.equal({ median: 10, min: 10, max: 20 });
    expect(line?.ratio).to.deep.equal({ median: 2, min: 2, max: 3 });
    expect(line).to.include({ of: 'a pool', against: 'the main thread', verdict: 'shown' });
  });

  it('say honestly whether a target is reached', () => {
    const verdicts = lines(
      { against: 'main', goal: { must: 1.5, aim: 1.1 } },
      { against: 'main', goal: { must: 2, aim: 1.1 } },
      { against: 'main', goal: { must: 3, aim: 2 } },
      { against: 'main', figure: 'callsPerSecond', goal: { must: 0.6, aim: 1 } },
      { against: 'main', figure: 'callsPerSecond', goal: { must: 0.5, aim: 1 } },
      { against: 'main', figure: 'callsPerSecond', goal: { must: 0.4, aim: 0.5 } },
      { goal: { must: 31 } },
      { goal: { must: 29 } },
    ).map(({ verdict }) => verdict);
    expect(verdicts).to.deep.equal([
      ...['missed', 'reached', 'aim reached', 'missed', 'reached', 'aim reached'],
      ...['reached', 'missed'],
    ]);
  });

  it('name the trial in which the event loop was latest', () => {
    const later = {
      ...result,
      name: 'later',
      contenders: [{ ...result.contenders[1]!, runs: runsOf([1, 1, 1, 1, 1]) }],
    };
    const ours = { ...later, name: 'the-bench-itself', group: 'queue' };
    expect(worstDelay([result, later, ours])).to.include({ what: 'worst p99, in later', verdict: 'aim reached' });
    expect(worstDelay([ours])).to.equal(undefined);
  });

  it('are printed under their heads', () => {
    const [head, line, ...rest] = table(lines({ against: 'main', goal: { must: 3, aim: 2 } })).split('\n');
    expect(rest).to.be.empty;
    for (const column of ['contender', 'figure', 'against', 'ratio', 'must reach', 'aim at', 'reached?'])
      expect(head).to.include(column);
    expect(line).to.match(/^made-up .*30\.0 µs \(20\.0 µs … 40\.0 µs\)/);
    expect(line).to.match(/2\.00x \(2\.00x … 3\.00x\) +≤ 3\.00x +≤ 2\.00x +aim reached$/);
  });
});
