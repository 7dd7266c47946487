import { LaneLostError, PoolClosedError, QueueFullError, QueueTimeoutError, TimeoutError } from '../errors.js';
import type { Settlement } from '../wire/answer.js';
import { now } from '../wire/clock.js';
import { Alarm } from './alarm.js';
import { describe } from './call.js';
import { type Call, type Lane, MOST_IN_A_BATCH } from './lane.js';
import { Queue } from './queue.js';
import { Roster, type RosterOptions } from './roster.js';

/** Reads of one batch: few, so that several lanes share them; writes: many, since they share one commit. */
const READS = 64;
const WRITES = MOST_IN_A_BATCH;
/** How long a lane may take to notice that its plan was given up, before it is ended or retired. Milliseconds. */
const GRACE = 100;
/** How long COMMIT may take once its caller has given up. Milliseconds. */
const COMMIT_GRACE = 2_000;
/** A plan that runs longer than this is not waited for: what stands behind it goes to an idle lane. Milliseconds. */
const IMPATIENCE = 2;
/** SQL texts that turned out to write, remembered. */
const MAX_WRITING_TEXTS = 1_000;

/** Brings calls to lanes in batches and answers back to callers; the only place where a call is settled. */
export class Dispatcher {
  readonly roster: Roster;
  readonly #maxQueue: number;
  readonly #reads = new Queue();
  readonly #writes: Queue;
  readonly #writingTexts = new Set<string>();
  readonly #alarm = new Alarm(() => this.#ring());
  #isFlushing = false;
  #nextExpiry = Number.POSITIVE_INFINITY;
  #unsettled = 0;
  #onDrained: (() => void) | undefined;
  readonly counts = { fulfilled: 0, rejected: 0, batches: 0 };

  constructor(options: RosterOptions, maxQueue: number) {
    this.#maxQueue = maxQueue;
    this.#writes = options.readers === 0 ? this.#reads : new Queue();
    this.roster = new Roster(options, {
      onAnswer: (call, settlement) => this.#answered(call, settlement),
      onRoom: (lane) => {
        if (!lane.isRetired) this.roster.trim(lane);
        this.#flush();
      },
      onLost: (lane, calls, error) => this.#lost(lane, calls, error),
    });
  }

  get load() {
    const lanes = this.roster.lanes();
    const waiting = this.#reads.size + (this.#writes === this.#reads ? 0 : this.#writes.size);
    return { waiting, running: this.#unsettled - waiting, lanes: lanes.length };
  }

  // ── From callers to lanes ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a call, or refuses it where too many wait. Calls of one turn of the event loop cross together. */
  submit(call: Call): void {
    this.#unsettled++;
    if (this.load.waiting >= this.#maxQueue) {
      // It has not joined the queue, so it does not count in the figures of its own refusal.
      this.#unsettled--;
      const error = new QueueFullError({ maxQueue: this.#maxQueue, ...this.load });
      this.#unsettled++;
      return this.#settle(call, { kind: 'rejected', reason: error });
    }
    if (call.plan.kind === 'query' && call.access === 'unknown' && this.#writingTexts.has(call.plan.sql))
      call.access = 'write';
    this.#queueOf(call).push(call);
    this.#expectBy(call.waitsUntil);
    this.#schedule();
  }

  #queueOf(call: Call): Queue {
    return call.access === 'write' ? this.#writes : this.#reads;
  }
  #expectBy(time: number): void {
    if (time < this.#nextExpiry) this.#nextExpiry = time;
    this.#alarm.by(time);
  }
  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#fill(this.#writes, this.roster.lanes(this.roster.writerRole), WRITES);
    if (this.#reads === this.#writes) return;
    const readers = this.roster.lanes('reader');
    this.#fill(this.#reads, readers, READS);
    if (this.#reads.size === 0) this.#share(readers);
  }

  #fill(queue: Queue, lanes: readonly Lane[], most: number): void {
    if (queue.size === 0) return;
    const role = queue === this.#writes ? this.roster.writerRole : this.roster.readerRole;
    if (lanes.every((lane) => lane.isRetired)) this.roster.reopen(role);
    for (;;) {
      const free = lanes.filter((lane) => lane.hasRoom).sort((a, b) => a.batches - b.batches);
      const [lane] = free;
      if (lane === undefined || queue.size === 0) return;
      this.#send(lane, queue, Math.min(most, Math.ceil(queue.size / free.length)));
    }
  }

  #send(lane: Lane, queue: Queue, most: number): void {
    const calls: Call[] = [];
    let shortest = Number.POSITIVE_INFINITY;
    while (calls.length < most) {
      const call = queue.shift();
      if (call === undefined) break;
      calls.push(call);
      shortest = Math.min(shortest, call.timeout);
    }
    if (calls.length === 0) return;
    this.counts.batches++;
    lane.send(calls);
    this.#alarm.by(now() + shortest);
  }

  /** An idle reader takes over what waits behind a plan that runs long. */
  #share(readers: readonly Lane[]): void {
    if (!readers.some((lane) => lane.hasRoom && lane.batches === 0)) return;
    for (const lane of readers) {
      if (lane.calls.length < 2) continue;
      if (!lane.hasRunFor(IMPATIENCE)) {
        this.#alarm.by(now() + IMPATIENCE);
        continue;
      }
      const reclaimed = lane.reclaim();
      if (reclaimed.length === 0) continue;
      this.#reads.unshift(reclaimed);
      return this.#fill(this.#reads, readers, READS);
    }
  }

  // ── From lanes to callers ────────────────────────────────────────────────────────────────────────────────────────

  #answered(call: Call, settlement: Settlement): void {
    if (settlement.kind === 'handed-on' && !call.isSettled) {
      if (call.plan.kind === 'query') this.#remember(call.plan.sql);
      call.access = 'write';
      this.#writes.unshift([call]);
      return;
    }
    this.#settle(call, settlement);
  }

  #remember(sql: string): void {
    if (this.#writingTexts.size >= MAX_WRITING_TEXTS) this.#writingTexts.clear();
    this.#writingTexts.add(sql);
  }

  #settle(call: Call, settlement: Settlement): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#unsettled--;
    if (settlement.kind === 'fulfilled') {
      this.counts.fulfilled++;
      call.resolve(settlement.value);
    } else {
      this.counts.rejected++;
      call.reject(settlement.kind === 'rejected' ? settlement.reason : undefined);
    }
    if (this.#unsettled === 0) this.#onDrained?.();
  }

  #reject(call: Call, reason: unknown): void {
    this.#settle(call, { kind: 'rejected', reason });
  }

  #lost(lane: Lane, calls: readonly Call[], error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const again: Call[] = [];
    for (const call of calls) {
      const fate = lane.fateOf(call);
      call.lane = undefined;
      if (fate === 'not-begun' || fate === 'innocent') again.push(call);
      else
        this.#reject(
          call,
          new LaneLostError(
            { what: describe(call), reason },
            { cause: error, outcome: fate === 'unknown' ? 'unknown' : 'not-committed' },
          ),
        );
    }
    for (const call of again.reverse()) this.#queueOf(call).unshift([call]);
    this.#schedule();
  }

  // ── Deadlines, cancelling, the end ───────────────────────────────────────────────────────────────────────────────

  /** The caller gives up: rejects it now if nothing of it will be committed, else when its COMMIT has been answered. */
  giveUp(call: Call, reason: unknown): void {
    if (call.isSettled) return;
    const { lane } = call;
    if (lane === undefined) {
      this.#queueOf(call).forget();
      this.#reject(call, reason);
      return;
    }
    if (lane.stop(call) === 'stopped') {
      this.#reject(call, reason);
      if (lane.worksOn(call.slot)) this.#suspect(lane, call.slot);
    } else if (call.givenUp === undefined) {
      call.givenUp = { at: now() + COMMIT_GRACE, reason };
      this.#alarm.by(call.givenUp.at);
    }
  }

  #suspect(lane: Lane, slot: number): void {
    lane.suspectSlot = slot;
    lane.suspectAt = now() + GRACE;
    this.#alarm.by(lane.suspectAt);
  }

  #ring(): void {
    const time = now();
    if (time >= this.#nextExpiry) {
      this.#nextExpiry = Number.POSITIVE_INFINITY;
      for (const queue of new Set([this.#reads, this.#writes])) {
        for (const call of queue) {
          if (call.waitsUntil <= time) this.giveUp(call, this.#queueTimeout(call));
          else this.#nextExpiry = Math.min(this.#nextExpiry, call.waitsUntil);
        }
      }
    }
    this.#alarm.by(this.#nextExpiry);
    for (const lane of this.roster.lanes()) {
      for (const call of lane.calls)
        if (!call.isSettled && call.lane === lane) this.#alarm.by(this.#check(call, lane, time));
      if (lane.suspectAt <= time) this.#judge(lane);
      this.#alarm.by(lane.suspectAt);
    }
    this.#flush();
  }

  /** Gives up what has run out of time; answers when to look at it again. */
  #check(call: Call, lane: Lane, time: number): number {
    if (call.givenUp !== undefined) {
      if (call.givenUp.at > time) return call.givenUp.at;
      const { reason } = call.givenUp;
      this.#reject(
        call,
        new TimeoutError(
          { what: `The COMMIT of ${describe(call)}`, timeout: call.timeout },
          { cause: reason, outcome: 'unknown' },
        ),
      );
      this.#suspect(lane, call.slot);
      return Number.POSITIVE_INFINITY;
    }
    const start = lane.startOf(call);
    if (start === undefined) {
      if (call.waitsUntil > time) return Math.min(call.waitsUntil, time + call.timeout);
      this.giveUp(call, this.#queueTimeout(call));
      return Number.POSITIVE_INFINITY;
    }
    if (start + call.timeout > time) return start + call.timeout;
    this.giveUp(call, new TimeoutError({ what: describe(call), timeout: call.timeout }));
    // Where its COMMIT is under way, giving up has set the alarm.
    return Number.POSITIVE_INFINITY;
  }

  #queueTimeout(call: Call): Error {
    const cause = this.roster.failureOf(call.access === 'write' ? this.roster.writerRole : this.roster.readerRole);
    return new QueueTimeoutError(
      { what: describe(call), queueTimeout: call.queueTimeout, ...this.load },
      cause === undefined ? {} : { cause },
    );
  }

  /** A lane did not notice in time: in JavaScript its thread can be ended, inside the driver it can only be left alone. */
  #judge(lane: Lane): void {
    if (!lane.worksOn(lane.suspectSlot)) return lane.clear();
    lane.suspectAt = Number.POSITIVE_INFINITY;
    if (!lane.isInNativeCall) return lane.terminate();
    const reclaimed = lane.reclaim();
    for (const call of reclaimed.reverse()) this.#queueOf(call).unshift([call]);
    this.roster.retire(lane);
  }

  /** Resolves when every call has been settled. */
  drained(): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onDrained = resolve));
  }

  /** Gives up every call that is left. */
  cut(): void {
    const reason = (call: Call) => new PoolClosedError({ what: describe(call) });
    for (const queue of new Set([this.#reads, this.#writes])) for (const call of queue) this.giveUp(call, reason(call));
    for (const lane of this.roster.lanes())
      for (const call of lane.calls) if (call.lane === lane) this.giveUp(call, reason(call));
  }

  async end(): Promise<void> {
    await this.roster.close();
    this.#alarm.stop();
  }
}
