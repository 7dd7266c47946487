import { LaneLostError, PoolClosedError, QueueFullError } from '../errors.js';
import { nameOf } from '../plan/plan.js';
import type { Settlement } from '../wire/answer.js';
import { Deadlines } from './deadlines.js';
import { type Call, type Lane, MOST_IN_A_BATCH } from './lane.js';
import { Queue } from './queue.js';
import { Roster, type RosterOptions } from './roster.js';
import { Signals } from './signals.js';

/** Reads of one batch: few, so that several lanes share them; writes: many, since they share one commit. */
const READS = 64;
const WRITES = MOST_IN_A_BATCH;
/** A plan that runs longer than this is not waited for: what stands behind it goes to an idle lane. Milliseconds. */
const IMPATIENCE = 2;
/** A call that was on so many lanes when they were lost is not sent to another. */
const MOST_LOSSES = 3;
/** SQL texts that turned out to write, remembered. */
const MAX_WRITING_TEXTS = 1_000;

/** Brings calls to lanes in batches and answers back to callers; the only place where a call is settled. */
export class Dispatcher {
  readonly roster: Roster;
  readonly signals = new Signals((call, reason) => this.#deadlines.giveUp(call, reason));
  readonly #deadlines: Deadlines;
  readonly #maxQueue: number;
  readonly #reads = new Queue();
  readonly #writes: Queue;
  readonly #writingTexts = new Set<string>();
  #isFlushing = false;
  #unsettled = 0;
  #onDrained: (() => void)[] = [];
  #handedOn: Call[] = [];
  readonly counts = { fulfilled: 0, rejected: 0, batches: 0 };

  constructor(options: RosterOptions, maxQueue: number) {
    this.#maxQueue = maxQueue;
    this.#writes = options.readers === 0 ? this.#reads : new Queue();
    this.roster = new Roster(options, {
      onAnswer: (call, settlement) => this.#answered(call, settlement),
      onRoom: (lane) => {
        if (!lane.isRetired) this.roster.trim(lane);
        this.flush();
      },
      onLost: (lane, calls, error) => this.#lost(lane, calls, error),
      isWanted: (role) => (role === 'reader' ? this.#reads : this.#writes).size > 0,
    });
    this.#deadlines = new Deadlines(this);
  }

  get queues(): readonly Queue[] {
    return this.#reads === this.#writes ? [this.#reads] : [this.#reads, this.#writes];
  }
  queueOf(call: Call): Queue {
    return call.access === 'write' ? this.#writes : this.#reads;
  }
  /** What waits and what is with a lane, in calls. */
  get load() {
    const lanes = this.roster.lanes();
    const waiting = this.queues.reduce((sum, queue) => sum + queue.size, 0);
    return { waiting, running: this.#unsettled - waiting, lanes: lanes.length };
  }

  // ── From callers to lanes ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a call, or refuses it where too many wait. Calls of one turn of the event loop cross together. */
  submit(call: Call): void {
    const { gone } = this.roster;
    if (gone !== undefined || this.load.waiting >= this.#maxQueue) {
      this.counts.rejected++;
      return call.reject(gone ?? new QueueFullError({ maxQueue: this.#maxQueue, ...this.load }));
    }
    this.#unsettled++;
    if (this.#isKnownToWrite(call)) call.access = 'write';
    this.queueOf(call).push(call);
    this.#deadlines.waits(call);
    this.#schedule();
  }

  #isKnownToWrite({ plan, access }: Call): boolean {
    return plan.kind === 'query' && access === 'unknown' && this.#writingTexts.has(plan.sql);
  }
  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.flush();
    });
  }

  /** Gives lanes that have room what waits. */
  flush(): void {
    this.#fill(this.#writes, this.roster.lanes(this.roster.writerRole), WRITES);
    if (this.#reads === this.#writes) return;
    const readers = this.roster.lanes('reader');
    this.#fill(this.#reads, readers, READS);
    if (this.#reads.size === 0) this.#share(readers);
  }

  #fill(queue: Queue, lanes: readonly Lane[], most: number): void {
    if (queue.size === 0) return;
    const role = queue === this.#writes ? this.roster.writerRole : this.roster.readerRole;
    if (lanes.length === 0) this.roster.reopen(role);
    for (let sent = -1; sent !== queue.size && queue.size > 0; ) {
      const free = lanes.filter((lane) => lane.hasRoom && !this.#isSlow(lane)).sort((a, b) => a.batches - b.batches);
      const [lane] = free;
      if (lane === undefined) return;
      sent = queue.size;
      this.#send(lane, queue, Math.min(most, Math.ceil(queue.size / free.length)));
    }
  }

  /** A reader that has been at one plan for long: whatever was sent there would be taken back from it. */
  #isSlow(lane: Lane): boolean {
    return lane.role === 'reader' && lane.batches > 0 && lane.hasRunFor(IMPATIENCE);
  }

  #send(lane: Lane, queue: Queue, most: number): void {
    const calls: Call[] = [];
    const diverted: Call[] = [];
    let shortest = Number.POSITIVE_INFINITY;
    while (calls.length < most) {
      const call = queue.shift();
      if (call === undefined) break;
      if (queue !== this.#writes && this.#isKnownToWrite(call)) {
        call.access = 'write';
        diverted.push(call);
        continue;
      }
      calls.push(call);
      shortest = Math.min(shortest, call.timeout);
    }
    if (diverted.length > 0) this.requeue(diverted);
    if (calls.length === 0) return;
    this.counts.batches++;
    lane.send(calls);
    this.#deadlines.within(shortest);
  }

  /** An idle reader takes over what waits behind a plan that runs long. */
  #share(readers: readonly Lane[]): void {
    if (!readers.some((lane) => lane.hasRoom && lane.batches === 0)) return;
    for (const lane of readers) {
      if (lane.calls.length < 2) continue;
      if (!this.#isSlow(lane)) {
        this.#deadlines.within(IMPATIENCE);
        continue;
      }
      const reclaimed = lane.reclaim();
      if (reclaimed.length === 0) continue;
      return this.requeue(reclaimed);
    }
  }

  // ── From lanes to callers ────────────────────────────────────────────────────────────────────────────────────────

  #answered(call: Call, settlement: Settlement): void {
    if (settlement.kind === 'handed-on' && !call.isSettled) {
      if (call.plan.kind === 'query') this.#remember(call.plan.sql);
      call.access = 'write';
      if (call.givenUp !== undefined) return this.reject(call, call.givenUp.reason);
      // Several come in one message: back together, in their order.
      if (this.#handedOn.push(call) === 1) queueMicrotask(() => this.requeue(this.#handedOn.splice(0)));
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
    if (this.#unsettled === 0) for (const resolve of this.#onDrained.splice(0)) resolve();
  }

  reject(call: Call, reason: unknown): void {
    this.#settle(call, { kind: 'rejected', reason });
  }

  #lost(lane: Lane, calls: readonly Call[], error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const again: Call[] = [];
    for (const call of calls) {
      const fate = lane.fateOf(call);
      call.lane = undefined;
      const isInnocent = fate === 'not-begun' || (fate === 'innocent' && ++call.losses < MOST_LOSSES);
      if (isInnocent) again.push(call);
      else
        this.reject(
          call,
          new LaneLostError(
            { what: nameOf(call.plan), reason },
            { cause: error, outcome: fate === 'unknown' ? 'unknown' : 'not-committed' },
          ),
        );
    }
    this.requeue(again);
    const { gone } = this.roster;
    if (gone === undefined) return;
    for (const call of this.queues.flatMap((queue) => [...queue])) this.#deadlines.giveUp(call, gone);
  }

  requeue(calls: readonly Call[]): void {
    for (const queue of this.queues) queue.restore(calls.filter((call) => this.queueOf(call) === queue));
    this.#schedule();
  }

  // ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Resolves when every call has been settled. */
  drained(): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** Gives up every call that is left. */
  cut(): void {
    const waiting = this.queues.flatMap((queue) => [...queue]);
    const sent = this.roster.lanes().flatMap((lane) => lane.calls);
    for (const call of [...waiting, ...sent])
      this.#deadlines.giveUp(call, new PoolClosedError({ what: nameOf(call.plan) }));
  }

  async end(): Promise<void> {
    await this.roster.close();
    this.#deadlines.stop();
  }
}
