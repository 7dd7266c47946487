import { StreamIdleError } from '../lib/errors.js';
import { type StreamPlan, subjectOf } from '../lib/plan/plan.js';
import type { SentPlan } from '../lib/wire/batch.js';
import { now } from '../lib/wire/clock.js';
import { type Lane, post, send } from './lane.js';

/** A plan that is a stream, as the worker gets it. */
export type SentStream = SentPlan<StreamPlan>;

/** A chunk is no larger than this, or has one row. Each cell counts for eight bytes at least, so that a message is never full. */
const MOST_BYTES = 64 << 10;
const MOST_ROWS = 256;
/** The first chunk has one row, so that it comes soon; each further one may have so many times more. */
const GROWTH = 16;
/** Rows that come slowly are not kept for a full chunk. Milliseconds. */
const PATIENCE = 5;

/** Rows on their way to a consumer, who takes them chunk by chunk: further ones wait here until he has. */
export class Chunks<Row> {
  readonly #lane: Lane;
  readonly #stream: SentStream;
  readonly #pack: (rows: readonly Row[]) => void;
  readonly #check: () => void;
  #rows: Row[] = [];
  #bytes = 0;
  #most = 1;
  #since = performance.now();
  #sent = 0;

  /** @param pack adds a chunk to the answers of the lane */
  constructor(lane: Lane, stream: SentStream, pack: (rows: readonly Row[]) => void) {
    this.#lane = lane;
    this.#stream = stream;
    this.#pack = pack;
    this.#check = () => lane.focus.check();
    lane.cell.offer(stream.slot);
    post(lane);
  }

  /** Blocks while the consumer has enough to do. */
  add(row: Row, bytes: number): void {
    this.#rows.push(row);
    this.#bytes += bytes;
    const isFull = this.#rows.length >= this.#most || this.#bytes >= MOST_BYTES;
    if (!isFull && performance.now() - this.#since < PATIENCE) return;
    this.flush();
    this.#most = Math.min(MOST_ROWS, this.#most * GROWTH);
    this.#awaitTaker();
    this.#since = performance.now();
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    this.#pack(rows);
    send(this.#lane);
    this.#sent++;
  }

  #awaitTaker(): void {
    const { slot, plan } = this.#stream;
    const { cell, focus } = this.#lane;
    // Within a lease also no longer than that lasts.
    const most = Math.min(plan.idleTimeout, (focus.limit?.at ?? Number.POSITIVE_INFINITY) - now());
    if (cell.awaitTaker(slot, this.#sent, most, this.#check)) return;
    this.#check();
    throw new StreamIdleError({ what: subjectOf(plan), idleTimeout: plan.idleTimeout });
  }
}
