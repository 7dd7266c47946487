import { LaneLostError, LeaseDeadlockError, LeaseEndedError, PoolClosedError, QueueFullError } from '../errors.js';
import { type AnyPlan, nameOf } from '../plan/plan.js';
import type { Outcome } from '../wire/answer.js';
import { now } from '../wire/clock.js';
import { describe, type Hold, newArrival, newHold, rejectCall } from './call.js';
import type { CallSettings } from './call-settings.js';
import { Deadlines } from './deadlines.js';
import { Distribution } from './distribution.js';
import type { Journal } from './journal.js';
import type { Call, Lane } from './lane.js';
import type { Queue } from './queue.js';
import { Roster, type RosterOptions } from './roster.js';
import { Signals } from './signals.js';
import { MOST_IN_A_BATCH } from './slots.js';
import { findStuck } from './standstill.js';
import { Waiting } from './waiting.js';

/** A call that was on so many lanes when they were lost is not sent to another. */
const MOST_LOSSES = 3;

/** Brings calls to lanes in batches and answers back to callers; the only place where a call is settled. */
export class Dispatcher {
  readonly roster: Roster;
  readonly journal: Journal;
  readonly waiting: Waiting;
  readonly signals = new Signals<Call>((call, reason) => this.#deadlines.giveUp(call, reason));
  readonly #deadlines: Deadlines;
  readonly #maxQueue: number;
  readonly #distribution: Distribution;
  /** The calls of this turn. */
  #arrival = newArrival();
  #isFlushing = false;
  #unsettled = 0;
  #onDrained: (() => void)[] = [];
  #handedOn: Call[] = [];
  readonly #counts = { fulfilled: 0, rejected: 0 };

  constructor(options: RosterOptions, maxQueue: number) {
    this.#maxQueue = maxQueue;
    this.journal = options.journal;
    this.waiting = new Waiting(options.sites.length <= 1);
    this.roster = new Roster(options, {
      onAnswer: (call, outcome, told) => this.#answered(call, outcome, told),
      onTaken: (call) => this.#taken(call),
      onCosts: (costs) => this.#distribution.costs.learn(costs),
      onRoom: (lane) => {
        if (!lane.isRetired) this.roster.trim(lane);
        // It may be new.
        if (lane.served === 0) this.#lookAgain();
        // While it has more to do, too few to fill a batch can wait for the calls that callers make now that they are answered:
        // sent apart, these would cross apart ever after.
        if (lane.batches > 0 && this.waiting.size < MOST_IN_A_BATCH) this.#schedule();
        else this.flush();
      },
      onLost: (lane, calls, error) => this.#lost(lane, calls, error),
      isWanted: (role) => {
        const { reads, writes, broadcasts } = this.waiting;
        return (role === 'reader' ? reads : writes).size > 0 || broadcasts.queue.size > 0;
      },
    });
    this.#distribution = new Distribution(this.waiting, this.roster, {
      onSent: (timeout) => this.#deadlines.run(timeout),
      onSlow: (milliseconds) => this.#deadlines.flushWithin(milliseconds),
      onPassedOver: (call) => this.#passOver(call),
      onTurn: () => this.flush(),
      requeue: (calls) => this.requeue(calls),
    });
    this.#deadlines = new Deadlines(this);
  }

  get counts() {
    return { ...this.#counts, batches: this.#distribution.batches };
  }
  /** What waits and what is with a lane, in calls. */
  get load() {
    const { total: waiting } = this.waiting;
    return { waiting, running: this.#unsettled - waiting, lanes: this.roster.lanes().length };
  }

  // ── From callers to lanes ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a call, or refuses it where too many wait. Calls of one turn of the event loop cross together. */
  submit(call: Call): void {
    const { gone } = this.roster;
    if (gone !== undefined || this.waiting.size >= this.#maxQueue) return this.#refuse(call);
    if (this.waiting.isKnownToWrite(call)) call.access = 'write';
    if (this.waiting.holds.size > 0) this.waiting.holds.note(call);
    if (call.hold !== undefined) this.waiting.holds.add(call.hold);
    this.#enter(call, this.waiting.queueOf(call));
  }
  /** The same for a call that answers bit by bit, and until its end holds its lane. */
  submitStream(call: Call): void {
    newHold(call, [], NOBODY);
    if (this.waiting.aside.size >= this.#maxQueue) this.#refuse(call);
    else this.submit(call);
  }
  /** The same for a call within a hold that is taken: its lane serves it behind those that came before it. */
  submitWithin(call: Call, hold: Hold<Lane>): void {
    const queue = this.waiting.holds.queueOf(hold);
    if (queue.size >= this.#maxQueue) return this.#refuse(call);
    this.waiting.holds.began(hold);
    this.#enter(call, queue);
  }

  #refuse(call: Call): void {
    this.#counts.rejected++;
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
    return this.waiting.broadcasts.run(plan, settings, {
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
    this.waiting.broadcasts.passOver(call);
    this.#settle(call, 'fulfilled', undefined);
  }

  /** It begins to wait when this turn is over. */
  #arrive(call: Call): void {
    call.arrival = this.#arrival;
    this.#arrival.shortest = Math.min(this.#arrival.shortest, call.settings.queueTimeout);
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
    const { holds } = this.waiting;
    if (holds.size > 0) this.#distribution.fillHeld();
    this.#distribution.fill();
    if (holds.size > 0) this.#refuseStuck();
  }
  #taken({ isSettled, hold }: Call): void {
    if (isSettled || hold === undefined) return;
    hold.isTaken = true;
    this.waiting.holds.settled(hold, 0);
    hold.events.onTaken();
    this.#schedule();
  }
  /** Of calls that wait for the leases of one another, or of their own caller, the last one is refused, so that the others go on. */
  #refuseStuck(): void {
    const { roster } = this;
    const lanesFor = (call: Call) => {
      if (this.waiting.broadcasts.has(call)) return this.waiting.broadcasts.lanesFor(call);
      const { access, hold } = call;
      const writers = roster.lanes(roster.writerRole);
      if (access === 'write') return writers;
      const readers = roster.lanes(roster.readerRole);
      return hold === undefined ? [...readers, ...writers] : readers;
    };
    for (;;) {
      const { stuck, lookAgain } = findStuck(this.waiting.holds, lanesFor, now());
      if (stuck === undefined) return this.#deadlines.flushWithin(lookAgain);
      const { call, hold, isSure } = stuck;
      const [taken = 'by a call'] = hold.frames;
      this.giveUp(
        call,
        new LeaseDeadlockError({ what: describe(call), lease: nameOf(hold.call.plan), taken: taken.trim(), isSure }),
      );
    }
  }

  // ── From lanes to callers ────────────────────────────────────────────────────────────────────────────────────────

  #answered(call: Call, outcome: Outcome, told: unknown): void {
    // Stopped after all, of which only the lane could say whether it was in time.
    if (outcome === 'skipped' && call.givenUp !== undefined) return this.reject(call, call.givenUp.reason);
    if (outcome === 'handed-on' && !call.isSettled) {
      this.waiting.turnedOutToWrite(call);
      if (this.waiting.broadcasts.has(call)) return this.#passOver(call);
      call.access = 'write';
      if (call.givenUp !== undefined) return this.reject(call, call.givenUp.reason);
      // Several come in one message: back together, in their order.
      if (this.#handedOn.push(call) === 1) queueMicrotask(() => this.requeue(this.#handedOn.splice(0)));
      return;
    }
    this.#settle(call, outcome === 'fulfilled' ? outcome : 'rejected', told);
  }

  #settle(call: Call, outcome: 'fulfilled' | 'rejected', told: unknown): void {
    // Its caller was told before; now it has let its lane go too.
    if (call.isSettled) return call.hold === undefined ? undefined : this.#lookAgain();
    call.isSettled = true;
    this.#unsettled--;
    this.#counts[outcome]++;
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
    if (settled !== hold.call) return this.waiting.holds.settled(hold);
    hold.events.onEnded(outcome, told);
    for (const call of this.waiting.holds.callsOf(hold)) this.giveUp(call, told);
    this.waiting.holds.delete(hold);
    this.#lookAgain();
  }
  /** Whoever waits aside may find a lane now. */
  #lookAgain(): void {
    if (this.waiting.aside.size > 0) this.requeue(this.waiting.aside.takeAll());
  }

  callsWithin(hold: Hold<Lane>): Call[] {
    return this.waiting.holds.callsOf(hold);
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
    this.#lookAgain();
    const { gone } = this.roster;
    if (gone === undefined) return;
    for (const call of this.waiting.calls) this.#deadlines.giveUp(call, gone);
  }

  requeue(calls: readonly Call[]): void {
    // Whoever had begun was looked at as one that runs.
    for (const call of calls) this.#deadlines.expect(call);
    this.waiting.restore(calls);
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
    const sent = this.roster.lanes().flatMap((lane) => lane.calls);
    for (const call of [...this.waiting.calls, ...sent]) {
      const wasStopped = call.lane?.worksOn(call.slot) === true;
      this.#deadlines.giveUp(call, new PoolClosedError({ what: nameOf(call.plan), ...(wasStopped && { wasStopped }) }));
    }
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
