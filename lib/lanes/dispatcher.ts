import { LaneLostError, LeaseDeadlockError, LeaseEndedError, PoolClosedError, QueueFullError } from '../errors.js';
import { type AnyPlan, nameOf } from '../plan/plan.js';
import type { Outcome } from '../wire/answer.js';
import { now } from '../wire/clock.js';
import { Broadcasts } from './broadcasts.js';
import { describe, type Hold, holdsLane, newArrival, newHold, rejectCall } from './call.js';
import { Costs } from './costs.js';
import { Deadlines } from './deadlines.js';
import { Holds } from './holds.js';
import type { Journal } from './journal.js';
import type { Call, Lane } from './lane.js';
import {
  areTaken,
  chooseEqual,
  chooseIdle,
  chooseReader,
  IMPATIENCE,
  isSlow,
  LANES_FOR_SHORT_READS,
} from './lane-choice.js';
import type { CallSettings } from './options.js';
import { Queue } from './queue.js';
import { Roster, type RosterOptions } from './roster.js';
import { Signals } from './signals.js';
import { MOST_IN_A_BATCH } from './slots.js';
import { findStuck } from './standstill.js';
import { Turn } from './turn.js';

/** So much work makes a batch of reads: what comes behind it does not wait for longer, and may go to another lane. Milliseconds. */
const BATCH = 1;
/** From so many on that wait, a lane gets them in two batches alike: it serves one while the other's answers are read. */
const HALVED = 16;
/** Fewer calls than this do not make a turn long. */
const CROWD = 8;
/** A call that was on so many lanes when they were lost is not sent to another. */
const MOST_LOSSES = 3;
/** SQL texts that turned out to write, remembered. */
const MAX_WRITING_TEXTS = 1_000;

/** Brings calls to lanes in batches and answers back to callers; the only place where a call is settled. */
export class Dispatcher {
  readonly roster: Roster;
  readonly journal: Journal;
  readonly signals = new Signals<Call>((call, reason) => this.#deadlines.giveUp(call, reason));
  readonly #deadlines: Deadlines;
  readonly #maxQueue: number;
  readonly #reads = new Queue();
  readonly #writes: Queue;
  readonly #holds = new Holds();
  /** Who wants a lane for himself, and keeps nobody waiting until one is let go. */
  readonly #aside = new Queue();
  readonly #broadcasts = new Broadcasts();
  readonly #writingTexts = new Set<string>();
  readonly #costs: Costs;
  /** Lanes that can all do the same, and share one queue. */
  readonly #hasEquals: boolean;
  /** The calls of this turn. */
  #arrival = newArrival();
  #isFlushing = false;
  readonly #turn = new Turn(() => this.flush());
  #unsettled = 0;
  #onDrained: (() => void)[] = [];
  #handedOn: Call[] = [];
  readonly counts = { fulfilled: 0, rejected: 0, batches: 0 };

  constructor(options: RosterOptions, maxQueue: number) {
    this.#maxQueue = maxQueue;
    this.journal = options.journal;
    const [first, ...others] = options.sites;
    this.#writes = others.length === 0 ? this.#reads : new Queue();
    this.#hasEquals = first !== undefined && first.lanes > 1;
    this.#costs = new Costs(first?.location.dialect ?? 'sqlite');
    this.roster = new Roster(options, {
      onAnswer: (call, outcome, told) => this.#answered(call, outcome, told),
      onTaken: (call) => this.#taken(call),
      onCosts: (costs) => this.#costs.learn(costs),
      onRoom: (lane) => {
        if (!lane.isRetired) this.roster.trim(lane);
        // While it has more to do, too few to fill a batch can wait for the calls that callers make now that they are answered:
        // sent apart, these would cross apart ever after.
        if (lane.batches > 0 && this.#waiting < MOST_IN_A_BATCH) this.#schedule();
        else this.flush();
      },
      onLost: (lane, calls, error) => this.#lost(lane, calls, error),
      isWanted: (role) => (role === 'reader' ? this.#reads : this.#writes).size > 0 || this.#broadcasts.queue.size > 0,
    });
    this.#deadlines = new Deadlines(this);
  }

  get queues(): readonly Queue[] {
    const own = [this.#reads, this.#broadcasts.queue];
    if (this.#reads !== this.#writes) own.push(this.#writes);
    return this.#holds.size === 0 ? own : [...own, this.#aside, ...this.#holds.queues];
  }
  queueOf(call: Call): Queue {
    if (call.hold !== undefined) {
      if (!holdsLane(call)) return this.#holds.queueOf(call.hold);
      if (this.#aside.has(call)) return this.#aside;
    }
    if (this.#broadcasts.has(call)) return this.#broadcasts.queue;
    return call.access === 'write' ? this.#writes : this.#reads;
  }
  /** What waits and what is with a lane, in calls. */
  get load() {
    const waiting = this.#waiting + this.#aside.size + this.#holds.waiting;
    return { waiting, running: this.#unsettled - waiting, lanes: this.roster.lanes().length };
  }
  /** When the first of those who wait came, on the shared clock. */
  get oldestArrival(): number | undefined {
    const times = this.queues.flatMap(({ first }) => (first?.arrival === undefined ? [] : [first.arrival.time]));
    return times.length === 0 ? undefined : Math.min(...times);
  }
  get #waiting(): number {
    const { size } = this.#broadcasts.queue;
    return this.#reads === this.#writes ? this.#reads.size + size : this.#reads.size + this.#writes.size + size;
  }

  // ── From callers to lanes ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a call, or refuses it where too many wait. Calls of one turn of the event loop cross together. */
  submit(call: Call): void {
    const { gone } = this.roster;
    if (gone !== undefined || this.#waiting >= this.#maxQueue) return this.#refuse(call);
    if (this.#isKnownToWrite(call)) call.access = 'write';
    if (this.#holds.size > 0) this.#holds.note(call);
    if (call.hold !== undefined) this.#holds.add(call.hold);
    this.#enter(call, this.queueOf(call));
  }
  /** The same for a call that answers bit by bit, and until its end holds its lane. */
  submitStream(call: Call): void {
    newHold(call, [], NOBODY);
    if (this.#aside.size >= this.#maxQueue) this.#refuse(call);
    else this.submit(call);
  }
  /** The same for a call within a hold that is taken: its lane serves it behind those that came before it. */
  submitWithin(call: Call, hold: Hold<Lane>): void {
    const queue = this.#holds.queueOf(hold);
    if (queue.size >= this.#maxQueue) return this.#refuse(call);
    this.#holds.began(hold);
    this.#enter(call, queue);
  }

  #refuse(call: Call): void {
    this.counts.rejected++;
    rejectCall(call, this.roster.gone ?? new QueueFullError({ maxQueue: this.#maxQueue, ...this.load }));
  }
  #enter(call: Call, queue: Queue): void {
    this.#unsettled++;
    const { signal } = call.settings;
    if (signal !== undefined) this.signals.add(signal, call);
    queue.push(call);
    this.#arrive(call);
    this.#schedule();
  }

  /** Runs a plan on every lane that can serve it. */
  broadcast(plan: AnyPlan, settings: CallSettings): Promise<unknown[]> {
    return this.#broadcasts.run(plan, settings, {
      sites: this.roster.sites,
      lanes: () => this.roster.lanes(),
      submit: (call) => {
        if (this.journal.wants(call)) return this.journal.observe(call, () => this.submit(call));
        this.submit(call);
        return call.promise;
      },
    });
  }
  #passOver(call: Call): void {
    this.#broadcasts.passOver(call);
    this.#settle(call, 'fulfilled', undefined);
  }

  /** It begins to wait when this turn is over. */
  #arrive(call: Call): void {
    call.arrival = this.#arrival;
    this.#arrival.shortest = Math.min(this.#arrival.shortest, call.settings.queueTimeout);
  }

  #isKnownToWrite({ plan, access }: Call): boolean {
    if (this.#writingTexts.size === 0) return false;
    return plan.kind === 'query' && access === 'unknown' && this.#writingTexts.has(plan.sql);
  }
  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#deadlines.wait(this.#arrival);
      this.#arrival = newArrival();
      this.flush();
    });
  }

  /** Gives lanes that have room what waits. */
  flush(): void {
    if (this.#holds.size > 0) this.#fillHeld();
    this.#fill();
    if (this.#holds.size > 0) this.#refuseStuck();
  }
  #fill(): void {
    if (this.#waiting >= CROWD && this.#turn.isOver) return;
    if (this.#broadcasts.queue.size > 0) this.#sendBroadcasts();
    const writers = this.roster.lanes(this.roster.writerRole);
    if (this.#hasEquals) this.#fillEquals(writers, this.#writes);
    else this.#fillWriter(writers);
    if (this.#reads === this.#writes) return this.#hasEquals ? this.#share(writers) : undefined;
    const readers = this.roster.lanes('reader');
    this.#fillReaders(readers);
    if (!this.#hasEquals) {
      if (this.#holds.size > 0) this.#readOnWriter(writers, readers);
      return this.#share(readers);
    }
    // While no replica serves, the others do.
    if (!readers.some((lane) => lane.isServing && lane.holder === undefined)) this.#fillEquals(writers, this.#reads);
    this.#share(writers);
    this.#share(readers);
  }

  /** Reads whose lanes are all held: whoever holds one may wait for them. */
  #readOnWriter([writer]: readonly Lane[], readers: readonly Lane[]): void {
    if (readers.some((lane) => lane.holder === undefined)) return;
    while (writer?.hasRoom && this.#reads.size > 0 && this.#reads.first?.hold === undefined)
      this.#send(writer, this.#reads, MOST_IN_A_BATCH, BATCH);
  }

  #fillHeld(): void {
    for (const [lane, calls] of this.#holds.next()) {
      this.counts.batches++;
      lane.sendWithin(calls);
      this.#deadlines.run(Math.min(...calls.map(({ settings }) => settings.timeout)));
    }
  }

  /**
   * Whoever wants a lane for himself gets one that has nothing else to do; until there is one, nobody goes before him. Where
   * others have them all he waits aside: they may need what would wait behind him.
   */
  #holdFirst(queue: Queue, lanes: readonly Lane[]): 'nobody' | 'sent' | 'waits' | 'aside' {
    const { first } = queue;
    if (first?.hold === undefined) return 'nobody';
    if (areTaken(lanes, first)) {
      queue.shift();
      this.#aside.push(first);
      return 'aside';
    }
    const lane = chooseIdle(lanes);
    if (lane === undefined) return 'waits';
    queue.shift();
    this.counts.batches++;
    lane.hold(first);
    this.#deadlines.run(first.settings.timeout);
    return 'sent';
  }
  #taken({ isSettled, hold }: Call): void {
    if (isSettled || hold === undefined) return;
    hold.isTaken = true;
    this.#holds.settled(hold, 0);
    hold.events.onTaken();
    this.#schedule();
  }
  /** Of calls that wait for the leases of one another, or of their own caller, the last one is refused, so that the others go on. */
  #refuseStuck(): void {
    const { roster } = this;
    const lanesFor = (call: Call) => {
      if (this.#broadcasts.has(call)) return this.#broadcasts.lanesFor(call);
      const { access, hold } = call;
      const writers = roster.lanes(roster.writerRole);
      if (access === 'write') return writers;
      const readers = roster.lanes(roster.readerRole);
      return hold === undefined ? [...readers, ...writers] : readers;
    };
    for (;;) {
      const { stuck, lookAgain } = findStuck(this.#holds, lanesFor, now());
      if (stuck === undefined) return this.#deadlines.flushWithin(lookAgain);
      const { call, hold } = stuck;
      const [taken = 'by a call'] = hold.frames;
      this.giveUp(
        call,
        new LeaseDeadlockError({ what: describe(call), lease: nameOf(hold.call.plan), taken: taken.trim() }),
      );
    }
  }

  #sendBroadcasts(): void {
    for (const [call, lane] of this.#broadcasts.next(this.roster.lanes())) {
      if (lane === undefined) {
        this.#passOver(call);
        continue;
      }
      this.counts.batches++;
      lane.send([call], this.#costs.of(call.plan));
      this.#deadlines.run(call.settings.timeout);
    }
    for (const { role } of this.#broadcasts.missing()) this.roster.reopen(role);
  }

  /** All that wait, since they share one commit. */
  #fillWriter(writers: readonly Lane[]): void {
    const [writer] = writers;
    if (this.#writes.size === 0) return;
    if (writer === undefined) return this.roster.reopen(this.roster.writerRole);
    while (writer.hasRoom && this.#writes.size > 0) {
      if (this.#holdFirst(this.#writes, writers) !== 'nobody') return;
      this.#send(writer, this.#writes, MOST_IN_A_BATCH, Number.POSITIVE_INFINITY);
    }
  }

  #fillReaders(readers: readonly Lane[]): void {
    if (this.#reads.size === 0) return;
    if (readers.length === 0) return this.roster.reopen(this.roster.readerRole);
    while (this.#reads.size > 0) {
      const held = this.#holdFirst(this.#reads, readers);
      if (held === 'sent' || held === 'aside') continue;
      const lane = held === 'waits' ? undefined : chooseReader(readers);
      if (lane === undefined) return;
      const { size } = this.#reads;
      const most = size >= HALVED ? Math.ceil((size + lane.load) / 2) : size;
      this.#send(lane, this.#reads, Math.min(MOST_IN_A_BATCH, most), BATCH);
    }
  }

  /** Each lane its share of what goes to a server one by one; short reads go there together, and so to few lanes. */
  #fillEquals(lanes: readonly Lane[], queue: Queue): void {
    if (queue.size === 0) return;
    if (lanes.length === 0) return this.roster.reopen(this.roster.writerRole);
    while (queue.size > 0) {
      const held = this.#holdFirst(queue, lanes);
      if (held === 'sent' || held === 'aside') continue;
      if (held === 'waits') return;
      const areReads = isShortRead(queue.first);
      const lane = areReads ? chooseReader(lanes, LANES_FOR_SHORT_READS) : chooseEqual(lanes);
      if (lane === undefined) return;
      const share = Math.ceil(queue.size / (areReads ? Math.min(LANES_FOR_SHORT_READS, lanes.length) : lanes.length));
      this.#send(
        lane,
        queue,
        Math.min(MOST_IN_A_BATCH, share),
        BATCH * lane.pace,
        (call) => isShortRead(call) === areReads,
      );
    }
  }

  /** One batch: at most so many calls, and no more behind the one with which it has so many milliseconds of work. */
  #send(lane: Lane, queue: Queue, most: number, mostCost: number, fits?: (call: Call) => boolean): void {
    const calls: Call[] = [];
    const diverted: Call[] = [];
    let shortest = Number.POSITIVE_INFINITY;
    let cost = 0;
    while (calls.length < most && cost < mostCost) {
      if (fits !== undefined && !(queue.first && fits(queue.first))) break;
      const call = queue.shift();
      if (call === undefined) break;
      if (call.hold !== undefined) {
        queue.unshift(call);
        break;
      }
      if (queue !== this.#writes && this.#isKnownToWrite(call)) {
        call.access = 'write';
        diverted.push(call);
        continue;
      }
      calls.push(call);
      cost += this.#costs.of(call.plan);
      shortest = Math.min(shortest, call.settings.timeout);
    }
    if (diverted.length > 0) this.requeue(diverted);
    if (calls.length === 0) return;
    this.counts.batches++;
    lane.send(calls, cost);
    this.#deadlines.run(shortest);
  }

  /** An idle reader takes over what waits behind a plan that runs long. */
  #share(readers: readonly Lane[]): void {
    if (!readers.some((lane) => lane.hasRoom && lane.batches === 0)) return;
    for (const lane of readers) {
      if (lane.load < 2 || lane.holder !== undefined) continue;
      if (!isSlow(lane)) {
        this.#deadlines.flushWithin(IMPATIENCE * lane.pace);
        continue;
      }
      const reclaimed = lane.reclaim();
      if (reclaimed.length === 0) continue;
      return this.requeue(reclaimed);
    }
  }

  // ── From lanes to callers ────────────────────────────────────────────────────────────────────────────────────────

  #answered(call: Call, outcome: Outcome, told: unknown): void {
    // Stopped after all, of which only the lane could say whether it was in time.
    if (outcome === 'skipped' && call.givenUp !== undefined) return this.reject(call, call.givenUp.reason);
    if (outcome === 'handed-on' && !call.isSettled) {
      if (call.plan.kind === 'query') this.#remember(call.plan.sql);
      if (this.#broadcasts.has(call)) return this.#passOver(call);
      call.access = 'write';
      if (call.givenUp !== undefined) return this.reject(call, call.givenUp.reason);
      // Several come in one message: back together, in their order.
      if (this.#handedOn.push(call) === 1) queueMicrotask(() => this.requeue(this.#handedOn.splice(0)));
      return;
    }
    this.#settle(call, outcome === 'fulfilled' ? outcome : 'rejected', told);
  }

  #remember(sql: string): void {
    if (this.#writingTexts.size >= MAX_WRITING_TEXTS) this.#writingTexts.clear();
    this.#writingTexts.add(sql);
  }

  #settle(call: Call, outcome: 'fulfilled' | 'rejected', told: unknown): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#unsettled--;
    this.counts[outcome]++;
    const { signal } = call.settings;
    if (signal !== undefined) this.signals.delete(signal, call);
    if (call.observation !== undefined) call.observation.settled();
    if (outcome === 'fulfilled') call.resolve(told);
    else rejectCall(call, told);
    if (call.hold !== undefined) this.#settleHeld(call.hold, call, outcome, told);
    if (this.#unsettled === 0) for (const resolve of this.#onDrained.splice(0)) resolve();
  }

  /** What was still to be done within a hold goes with it. */
  #settleHeld(hold: Hold<Lane>, settled: Call, outcome: 'fulfilled' | 'rejected', told: unknown): void {
    hold.isEndTold ||= settled !== hold.call && told instanceof LeaseEndedError;
    if (settled !== hold.call) return this.#holds.settled(hold);
    hold.events.onEnded(outcome, told);
    for (const call of this.#holds.callsOf(hold)) this.giveUp(call, told);
    this.#holds.delete(hold);
    if (this.#aside.size > 0) this.requeue(this.#aside.takeAll());
  }

  callsWithin(hold: Hold<Lane>): Call[] {
    return this.#holds.callsOf(hold);
  }
  /** Stops a call, whose caller is told this reason; one that holds its lane, and what is done within it. */
  giveUp(call: Call, reason: unknown): void {
    this.#deadlines.giveUp(call, reason);
  }
  /** The consumer of a stream wants no more of it. */
  leave(call: Call): void {
    if (call.isSettled) return;
    if (call.arrival !== undefined) return this.#deadlines.leave(call);
    // It waits for its turn within a lease, and was not submitted yet.
    call.isSettled = true;
    call.resolve(undefined);
  }

  reject(call: Call, reason: unknown): void {
    if (!call.isSettled) this.journal.givenUp(call, call.lane?.context, call.lane?.startOf(call));
    this.#settle(call, 'rejected', reason);
  }

  #lost(lane: Lane, calls: readonly Call[], error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const again: Call[] = [];
    for (const call of calls) {
      const fate = lane.fateOf(call);
      call.lane = undefined;
      const isInnocent =
        !call.hold?.isTaken && (fate === 'not-begun' || (fate === 'innocent' && ++call.losses < MOST_LOSSES));
      if (isInnocent) {
        // It had begun, and waits anew.
        if (fate === 'innocent') this.#arrive(call);
        again.push(call);
      } else
        this.reject(
          call,
          new LaneLostError(
            { what: nameOf(call.plan), reason },
            { cause: error, outcome: fate === 'unknown' && mayHaveCommitted(call) ? 'unknown' : 'not-committed' },
          ),
        );
    }
    this.requeue(again);
    const { gone } = this.roster;
    if (gone === undefined) return;
    for (const call of this.queues.flatMap((queue) => [...queue])) this.#deadlines.giveUp(call, gone);
  }

  requeue(calls: readonly Call[]): void {
    // Whoever had begun was looked at as one that runs.
    for (const call of calls) this.#deadlines.expect(call);
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

/** Nothing is asked for within a stream. */
const NOBODY = { onTaken: () => {}, onEnded: () => {} };

/** Of what is done within a hold nothing is committed but by its COMMIT. */
const mayHaveCommitted = ({ hold, plan }: Call): boolean =>
  hold === undefined || (plan.kind === 'control' && plan.action.startsWith('commit'));

/** One of those that a server is asked together; what turns out to be none is only served where it would not have been sent. */
const isShortRead = (call: Call | undefined): boolean =>
  call?.plan.kind === 'query' &&
  call.access !== 'write' &&
  call.settings.isolation === undefined &&
  (call.access === 'read' || SELECT.test(call.plan.sql));
const SELECT = /^\s*select\b/i;
