import { now } from '../wire/clock.js';
import type { Hold } from './call.js';
import { holders } from './holder.js';
import type { Call, Lane } from './lane.js';
import { Queue } from './queue.js';
import { MOST_IN_A_BATCH } from './slots.js';

/** A call that the holder of a lane made elsewhere, on the pool. */
export interface Outside {
  readonly call: Call;
  /** It is known to be his. */
  readonly isSure: boolean;
}
/** A hold that is asked for or taken. */
export interface Held {
  readonly hold: Hold<Lane>;
  /** What waits within it. */
  readonly queue: Queue;
  readonly outside: Outside[];
  /** Calls within it that are not settled yet. */
  underWay: number;
  /** Since when there are none. */
  restsSince: number;
}

/** The holds that are asked for or taken, and what waits within each of them for nobody but its holder. */
export class Holds {
  readonly #held = new Map<Hold<Lane>, Held>();

  get size(): number {
    return this.#held.size;
  }
  get queues(): readonly Queue[] {
    return Array.from(this, ({ queue }) => queue);
  }
  /** How many calls wait within holds. */
  get waiting(): number {
    return this.queues.reduce((waiting, { size }) => waiting + size, 0);
  }
  [Symbol.iterator](): IterableIterator<Held> {
    return this.#held.values();
  }

  add(hold: Hold<Lane>): void {
    const queue = new Queue();
    this.#held.set(hold, { hold, queue, outside: [], underWay: 0, restsSince: now() });
  }
  queueOf(hold: Hold<Lane>): Queue {
    return this.#held.get(hold)?.queue ?? OVER;
  }
  /** What is still to be done within it. */
  callsOf(hold: Hold<Lane>): Call[] {
    const sent = hold.lane?.calls.filter((call) => call.hold === hold && call !== hold.call) ?? [];
    return [...sent, ...this.queueOf(hold)];
  }
  delete(hold: Hold<Lane>): void {
    this.#held.delete(hold);
  }

  /** Whoever makes this call may hold lanes. */
  note(call: Call): void {
    for (const { hold, isSure } of holders()) this.#held.get(hold)?.outside.push({ call, isSure });
  }
  /** A call within it begins to wait there. */
  began(hold: Hold<Lane>): void {
    const held = this.#held.get(hold);
    if (held !== undefined) held.underWay++;
  }
  /** One was settled, or its lane is there. */
  settled(hold: Hold<Lane>, count: 0 | 1 = 1): void {
    const held = this.#held.get(hold);
    if (held === undefined) return;
    held.underWay -= count;
    held.restsSince = now();
  }

  /** The next batch of each, where its lane has room for one. */
  *next(): Generator<readonly [lane: Lane, calls: readonly Call[]]> {
    for (const { hold, queue } of this) {
      const { lane, isTaken } = hold;
      while (isTaken && queue.size > 0 && lane?.hasRoomWithin) {
        const calls: Call[] = [];
        for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
          calls.push(call);
          if (calls.length === MOST_IN_A_BATCH) break;
        }
        yield [lane, calls];
      }
    }
  }
}

/** What is left of a hold that has ended: nothing waits there. */
const OVER = new Queue();
