import { QueryLog } from '../lib/connection/query-log.js';
import type { SentPlan } from '../lib/wire/batch.js';
import type { CallRecord } from '../lib/wire/record.js';

/** What is written down of the calls that are with this lane, where somebody wants to know. */
export class Logs {
  readonly #open = new Map<number, QueryLog>();
  #done: CallRecord[] = [];

  /** These plans have come. */
  expect(plans: readonly Pick<SentPlan, 'slot' | 'wish'>[]): void {
    for (const { slot, wish } of plans) if (wish !== undefined) this.#open.set(slot, new QueryLog(wish));
  }
  /** Where the queries of the plan in this slot are written down. */
  of(slot: number): QueryLog | undefined {
    return this.#open.size === 0 ? undefined : this.#open.get(slot);
  }
  /** It is about to be answered. */
  close(slot: number): void {
    const log = this.#open.get(slot);
    if (log === undefined) return;
    this.#open.delete(slot);
    this.#done.push(log.record(slot));
  }
  get isUsed(): boolean {
    return this.#open.size > 0;
  }

  /** Of those that are about to be answered. */
  get done(): readonly CallRecord[] | undefined {
    return this.#done.length === 0 ? undefined : this.#done;
  }
  sent(): void {
    if (this.#done.length > 0) this.#done = [];
  }
}
