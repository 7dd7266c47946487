import { type AnyPlan, habitOf } from '../lib/plan/plan.js';

/** From here on a unit is slow: it would keep the neighbours in its group waiting. Milliseconds, on average. */
const SLOW = 5;
/** From here on a plan is not waited for by answers that are ready. */
const NOTABLE = 1;
/** How much a run counts against those before it. */
const WEIGHT = 0.25;
/** The caller's thread is told of an average when it is so many times what was told before, or less. */
const NEWS = 1.5;
const MAX_KNOWN = 1_000;

/** What is known of a unit or of a query's text. */
export interface Habit {
  readonly name: string;
  /** How long it takes, in milliseconds; infinite where nobody knows yet. */
  average: number;
  told: number;
  runs: number;
  /** It takes the raw connection. */
  takesRaw: boolean;
  /** It has failed before. */
  hasFailed: boolean;
}

/** How plans behave, by unit or text: so that no neighbour waits for them, nor is lost with them. */
export class Habits {
  readonly #habits = new Map<string, Habit>();
  #news: [habit: string, milliseconds: number][] = [];

  of(plan: AnyPlan): Habit {
    const name = habitOf(plan);
    // Of a list nobody knows.
    if (plan.kind === 'list') return newHabit(name);
    let habit = this.#habits.get(name);
    if (habit === undefined) {
      if (this.#habits.size >= MAX_KNOWN) this.#habits.clear();
      this.#habits.set(name, (habit = newHabit(name)));
    }
    return habit;
  }

  ran(habit: Habit, milliseconds: number): void {
    if (habit.name === '') return;
    // The first run prepared the statement and met cold code: the second one tells more.
    const isFresh = ++habit.runs <= 2;
    habit.average = isFresh ? milliseconds : habit.average + WEIGHT * (milliseconds - habit.average);
    const { average, told, runs } = habit;
    if ((average < told * NEWS && average > told / NEWS) || (runs === 1 && average < SLOW)) return;
    habit.told = average;
    this.#news.push([habit.name, average]);
  }

  /** What the averages have become, where they were told otherwise. */
  news(): [habit: string, milliseconds: number][] {
    return this.#news.length === 0 ? NONE : this.#news.splice(0);
  }
}

const newHabit = (name: string): Habit => ({
  name,
  average: Number.POSITIVE_INFINITY,
  told: 0,
  runs: 0,
  takesRaw: false,
  hasFailed: false,
});
const NONE: [string, number][] = [];

/** Whether it runs alone: in a group it would keep the others waiting, or could end their transaction. */
export const isLoner = ({ takesRaw, average }: Habit): boolean =>
  takesRaw || (average > SLOW && average !== Number.POSITIVE_INFINITY);
/** Whether it may take long enough to send first what is ready: it did, or nobody knows yet. */
export const mayTakeLong = ({ average }: Habit, notable = NOTABLE): boolean => average > notable;
