import { expect } from 'chai';
import { select, trials, UnknownTrialError } from '../../bench/trials.js';

/** What is promised, by trial: the figure, what must be reached and what is aimed at. */
const PROMISED: Record<string, [figure: string, must?: number, aim?: number][]> = {
  'reads-1': [['callTime', 1.5, 1.15]],
  'reads-64': [
    ['callsPerSecond', 0.55, 1],
    ['utilization', 0.35, 0.2],
    ['callsPerSecond', 6, 12],
    ['callsPerSecond', 6, 12],
  ],
  'reads-1024': [
    ['callsPerSecond', 0.9, 1.4],
    ['utilization', 0.35, 0.2],
  ],
  'unit-lazy-64': [['callsPerSecond', 0.6, 1.2]],
  'orm-get-100': [
    ['wallTime', 3],
    ['callsPerSecond', 5],
  ],
  'orm-list-10000': [['wallTime', 1.6]],
  'orm-list-1000': [['callsPerSecond', 5]],
  'orm-insert-1000': [
    ['wallTime', 1.6],
    ['callsPerSecond', 5],
  ],
  'orm-lazy-1000': [
    ['wallTime', 2],
    ['callsPerSecond', 5],
  ],
  'insert-64': [
    ['callsPerSecond', 12, 25],
    ['callsPerSecond', 0.4, 0.7],
  ],
  'insert-1': [['callsPerSecond', 0.6, 0.8]],
  'rows-10000': [
    ['wallTime', 1.4, 1.1],
    ['busyTime', 0.45, 0.25],
  ],
  'analytics-8': [['wallTime', 0.65, 0.55]],
  'read-beside-slow': [['waitP99', 3, 1.5]],
  'write-beside-slow': [['waitP50', 1.5, 1.1]],
  'waiting-cost': [
    ['callTime', 1.5, 1],
    ['callTime', 1.5, 1],
    ['callTime', 1.5, 1],
  ],
  'memory-waiting': [['bytesPerCall', 1_024]],
  'memory-million': [['heapGrowth', 1_024]],
  'mysql-one': [['wallTime', 1.05, 0.85]],
  'mysql-unit-64': [
    ['callsPerSecond', 0.9, 1.2],
    ['busyTime', 0.35, 0.15],
  ],
  'mysql-reads-64': [['callsPerSecond', 1.5, 2.5]],
  'mysql-rows-30000': [
    ['wallTime', 1.25, 1],
    ['delayMax', 0.3, 0.1],
  ],
  'mysql-tls-one': [['wallTime', 2, 1.3]],
  'mysql-tls-unit-64': [['callsPerSecond', 0.7, 0.9]],
  'mysql-lazy-64': [['callsPerSecond', 2, 5]],
};
const SHOWN = ['loop-mixed', 'memory-lane', 'request-30'];
const ON_ONE_CORE = ['reads-64-one-core', 'reads-1024-one-core'];

describe('The trials of the bench', () => {
  it('are those that were promised, with their targets', () => {
    const withGoals = trials.flatMap(({ name, comparisons }) => {
      const goals = comparisons.flatMap(({ figure, goal }) => (goal ? [[figure, ...Object.values(goal)]] : []));
      return goals.length > 0 ? [[name, goals]] : [];
    });
    expect(Object.fromEntries(withGoals)).to.deep.equal(PROMISED);
    const names = trials.map(({ name }) => name);
    expect(names.toSorted()).to.deep.equal([...Object.keys(PROMISED), ...SHOWN, ...ON_ONE_CORE].sort());
    expect(trials.filter(({ isPinned }) => isPinned).map(({ name }) => name)).to.deep.equal(ON_ONE_CORE);
  });

  it('compare contenders that they have, each with another', () => {
    for (const { name, contenders, comparisons } of trials) {
      expect(comparisons, name).not.to.be.empty;
      for (const { of, against } of comparisons) {
        expect(contenders, name).to.include.keys(against === undefined ? [of] : [of, against]);
        expect(of).not.to.equal(against);
      }
    }
  });

  it('are chosen by name and by group, and all where nothing is said', () => {
    expect(select([])).to.deep.equal(trials.filter(({ group }) => group !== 'mysql'));
    expect(select(['mysql'])).to.have.length(7);
    expect(select(['insert-1', 'rows']).map(({ name }) => name)).to.deep.equal(['insert-1', 'rows-10000']);
    expect(select(['reads', 'reads-64'])).to.have.length(3);
  });

  it('are named where a name is none of theirs', () => {
    expect(() => select(['rows', 'raeds']))
      .to.throw(UnknownTrialError, "no trial and no group of trials called 'raeds'")
      .and.to.have.property('message')
      .that.includes('reads-1024')
      .and.includes('fairness');
  });
});
