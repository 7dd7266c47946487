import { type FigureName, figure } from './figures.js';
import type { ContenderResult, TrialResult } from './results.js';
import { ratios, type Spread, spread } from './statistics.js';
import type { Comparison, Goal, Trial } from './trial.js';

/** A line of the table. */
export interface Line {
  readonly trial: string;
  readonly title: string;
  readonly what: string;
  readonly figure: FigureName;
  readonly of: string;
  readonly own: Spread;
  readonly against?: string;
  readonly others?: Spread;
  readonly ratio?: Spread;
  readonly goal?: Goal;
  readonly verdict: Verdict;
}

type Verdict = 'shown' | 'missed' | 'reached' | 'aim reached';

/** Most and best p99 that the main thread's event loop may be late during a pool's runs, in milliseconds. */
const DELAY: Goal = { must: 20, aim: 5 };
const DELAYED = ['reads', 'units', 'writes', 'rows', 'analytics', 'loop'];

export function linesOf(trial: Trial, result: TrialResult): Line[] {
  return trial.comparisons.map((comparison) => lineOf(comparison, result));
}

function lineOf(
  { what, figure: name, of, against, goal }: Comparison,
  { name: trial, title, contenders }: TrialResult,
): Line {
  const find = (key: string) => contenders.find((contender) => contender.key === key)!;
  const own = valuesOf(find(of), name);
  const line = { trial, title, what, figure: name, of: find(of).title, own: spread(own), ...(goal && { goal }) };
  if (against === undefined) return { ...line, verdict: judge(line.own.median, name, goal) };
  const others = valuesOf(find(against), name);
  const ratio = spread(ratios(own, others));
  const verdict = judge(ratio.median, name, goal);
  return { ...line, against: find(against).title, others: spread(others), ratio, verdict };
}

/**
 * The event loop's delay where it was worst. Where there is one core, or the bench itself makes 100,000 calls in one turn
 * of the loop, the delay is not the pool's.
 */
export function worstDelay(results: readonly TrialResult[]): Line | undefined {
  const served = results.filter(({ group }) => DELAYED.includes(group));
  const lines = served.flatMap(({ name: trial, contenders }) =>
    contenders
      .filter(({ isPool, runs }) => isPool && runs[0]?.figures.delayP99 !== undefined)
      .map((contender): Line => {
        const own = spread(valuesOf(contender, 'delayP99'));
        const title = 'event-loop delay while a pool serves';
        const what = `worst p99, in ${trial}`;
        const verdict = judge(own.median, 'delayP99', DELAY);
        return { trial: 'loop-delay', title, what, figure: 'delayP99', of: contender.title, own, goal: DELAY, verdict };
      }),
  );
  return lines.sort((a, b) => b.own.median - a.own.median)[0];
}

export function valuesOf({ title, runs }: ContenderResult, name: FigureName): number[] {
  return runs.map(({ figures }) => {
    const value = figures[name];
    if (value === undefined) throw new Error(`A run of ${title} has not measured ${name}`);
    return value;
  });
}

function judge(value: number, name: FigureName, goal: Goal | undefined): Verdict {
  if (goal === undefined) return 'shown';
  const meets = (target: number) => (figure(name).better === 'more' ? value >= target : value <= target);
  if (goal.aim !== undefined && meets(goal.aim)) return 'aim reached';
  return meets(goal.must) ? 'reached' : 'missed';
}
