import type { Hold } from './call.js';
import type { Call, Lane } from './lane.js';
import { Queue } from './queue.js';
import { MOST_IN_A_BATCH } from './slots.js';

/** The holds that are asked for or taken, and what waits within each of them for nobody but its holder. */
export class Holds {
  readonly #queues = new Map<Hold<Lane>, Queue>();

  get size(): number {
    return this.#queues.size;
  }
  get queues(): readonly Queue[] {
    return [...this.#queues.values()];
  }
  /** How many calls wait within holds. */
  get waiting(): number {
    let waiting = 0;
    for (const { size } of this.#queues.values()) waiting += size;
    return waiting;
  }

  add(hold: Hold<Lane>): void {
    this.#queues.set(hold, new Queue());
  }
  queueOf(hold: Hold<Lane>): Queue {
    return this.#queues.get(hold) ?? OVER;
  }
  /** What is still to be done within it. */
  callsOf(hold: Hold<Lane>): Call[] {
    const waiting = [...this.queueOf(hold)];
    const sent = hold.lane?.calls.filter((call) => call.hold === hold && call !== hold.call) ?? [];
    return [...sent, ...waiting];
  }
  delete(hold: Hold<Lane>): void {
    this.#queues.delete(hold);
  }

  /** The next batch of each, where its lane has room for one. */
  *next(): Generator<readonly [lane: Lane, calls: readonly Call[]]> {
    for (const [{ lane, isTaken }, queue] of this.#queues) {
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
