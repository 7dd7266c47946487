import { Broadcasts } from './broadcasts.js';
import { holdsLane } from './call.js';
import { Holds } from './holds.js';
import type { Call } from './lane.js';
import { Queue } from './queue.js';

/** SQL texts that turned out to write, remembered. */
const MAX_WRITING_TEXTS = 1_000;

/** Everybody who waits for a lane, each where he is served from. */
export class Waiting {
  readonly reads = new Queue();
  /** The same queue where one lane, or each of several, serves both. */
  readonly writes: Queue;
  readonly holds = new Holds();
  /** Who wants a lane for himself, and keeps nobody waiting until one is let go. */
  readonly aside = new Queue();
  readonly broadcasts = new Broadcasts();
  readonly #writingTexts = new Set<string>();

  /** @param isOne all lanes serve both, reads and writes */
  constructor(isOne: boolean) {
    this.writes = isOne ? this.reads : new Queue();
  }

  /** How many wait for whichever lane has room. */
  get size(): number {
    const { size } = this.broadcasts.queue;
    return this.reads === this.writes ? this.reads.size + size : this.reads.size + this.writes.size + size;
  }
  /** How many wait at all. */
  get total(): number {
    return this.size + this.aside.size + this.holds.waiting;
  }
  get queues(): readonly Queue[] {
    const own = [this.reads, this.broadcasts.queue];
    if (this.reads !== this.writes) own.push(this.writes);
    return this.holds.size === 0 ? own : [...own, this.aside, ...this.holds.queues];
  }
  get calls(): Call[] {
    return this.queues.flatMap((queue) => [...queue]);
  }
  /** When the first of them came, on the shared clock. */
  get oldestArrival(): number | undefined {
    const times = this.queues.flatMap(({ first }) => (first?.arrival === undefined ? [] : [first.arrival.time]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  queueOf(call: Call): Queue {
    if (call.hold !== undefined) {
      if (!holdsLane(call)) return this.holds.queueOf(call.hold);
      if (this.aside.has(call)) return this.aside;
    }
    if (this.broadcasts.has(call)) return this.broadcasts.queue;
    return call.access === 'write' ? this.writes : this.reads;
  }
  /** Back to where they were: in the order of their submission. */
  restore(calls: readonly Call[]): void {
    for (const queue of this.queues) queue.restore(calls.filter((call) => this.queueOf(call) === queue));
  }

  isKnownToWrite({ plan, access }: Call): boolean {
    if (this.#writingTexts.size === 0) return false;
    return plan.kind === 'query' && access === 'unknown' && this.#writingTexts.has(plan.sql);
  }
  /** A reader was given it, and has not run it. */
  turnedOutToWrite({ plan }: Call): void {
    if (plan.kind !== 'query') return;
    if (this.#writingTexts.size >= MAX_WRITING_TEXTS) this.#writingTexts.clear();
    this.#writingTexts.add(plan.sql);
  }
}
