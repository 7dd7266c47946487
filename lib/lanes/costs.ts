import type { DialectName } from '../plan/dialect.js';
import { type AnyPlan, type CallPlan, habitOf } from '../plan/plan.js';

/** What nobody has measured yet is taken for a short query; on a server a unit is a few, one after another. Milliseconds. */
const UNKNOWN = 1 / 64;
const UNKNOWN_ON_A_SERVER = { query: 1 / 32, unit: 1, list: 1 };
const MAX_KNOWN = 1_000;

/** How long plans take on a lane, as the lanes have measured it. */
export class Costs {
  readonly #milliseconds = new Map<string, number>();

  readonly #unknown: Readonly<Record<AnyPlan['kind'], number>>;

  constructor(dialect: DialectName) {
    this.#unknown = dialect === 'mysql' ? UNKNOWN_ON_A_SERVER : { query: UNKNOWN, unit: UNKNOWN, list: UNKNOWN };
  }

  learn(costs: readonly (readonly [habit: string, milliseconds: number])[]): void {
    for (const [habit, milliseconds] of costs) {
      if (this.#milliseconds.size >= MAX_KNOWN) this.#milliseconds.clear();
      this.#milliseconds.set(habit, milliseconds);
    }
  }
  of(plan: CallPlan): number {
    // What holds its lane is waited for by nobody else.
    if (plan.kind === 'lease' || plan.kind === 'control' || plan.kind === 'stream') return 0;
    if (plan.kind === 'list') return plan.plans.reduce((sum, each) => sum + this.of(each), 0);
    return this.#milliseconds.get(habitOf(plan)) ?? this.#unknown[plan.kind];
  }
}
