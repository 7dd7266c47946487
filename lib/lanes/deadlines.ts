import { LaneLostError, QueueTimeoutError, TimeoutError } from '../errors.js';
import { heldTooLong, nameOf } from '../plan/plan.js';
import { now } from '../wire/clock.js';
import { Alarm } from './alarm.js';
import { type Arrival, describe, waitsUntil } from './call.js';
import type { Call, Lane } from './lane.js';
import type { Roster } from './roster.js';
import type { Waiting } from './waiting.js';

/** How long COMMIT may take once its caller has given up. Milliseconds. */
const COMMIT_GRACE = 2_000;
/** How much longer than its own time a call may take that is done, and waits for the commit of its group. Milliseconds. */
const GROUP_GRACE = 500;

/** What the deadlines see of the dispatcher, and may do there. */
export interface Watched {
  readonly waiting: Waiting;
  readonly roster: Roster;
  readonly load: { readonly waiting: number; readonly running: number; readonly lanes: number };
  reject(call: Call, reason: unknown): void;
  /** Back to the queue, for another lane. */
  requeue(calls: readonly Call[]): void;
  /** After time has passed, lanes may have room. */
  flush(): void;
}

/** Who has run out of time or been given up, and what becomes of a lane that does not notice. One alarm serves all calls. */
export class Deadlines {
  readonly #watched: Watched;
  readonly #alarm = new Alarm(() => this.#ring());
  /** When a call may have run out of time at the earliest. */
  #nextCheck = Number.POSITIVE_INFINITY;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** From now on the calls of this arrival wait. */
  wait(arrival: Arrival): void {
    arrival.time = now();
    this.#checkBy(arrival.time + arrival.shortest);
  }
  /** It waits again. */
  expect(call: Call): void {
    this.#checkBy(waitsUntil(call));
  }
  /** Calls were sent to a lane and may begin at once; the shortest of their times is so many milliseconds. */
  run(milliseconds: number): void {
    this.#checkBy(now() + milliseconds);
  }
  /** A lane may turn out to be slow after so many milliseconds. */
  flushWithin(milliseconds: number): void {
    this.#alarm.by(now() + milliseconds);
  }
  stop(): void {
    this.#alarm.stop();
  }

  /** The caller gives up: rejects it now if nothing of it will be committed, else when its COMMIT has been answered. */
  giveUp(call: Call, reason: unknown): void {
    if (call.isSettled) return;
    const { lane } = call;
    if (lane === undefined) {
      this.#watched.waiting.queueOf(call).forget();
      this.#watched.reject(call, reason);
    } else if (lane.stop(call) === 'stopped') {
      this.#watched.reject(call, reason);
      if (lane.worksOn(call.slot)) this.#suspect(lane, call.slot);
    } else if (lane.hasRead(call)) {
      // Nothing is to be undone, and what is still on the way is dropped.
      this.#watched.reject(call, reason);
    } else if (call.givenUp === undefined) {
      call.givenUp = { at: now() + COMMIT_GRACE, reason };
      this.#checkBy(call.givenUp.at);
    }
  }

  /** The consumer of a stream wants no more: it is settled when its lane has made an end of it, or is not waited for any longer. */
  leave(call: Call): void {
    const { lane } = call;
    if (lane === undefined || call.givenUp !== undefined) return this.giveUp(call, undefined);
    lane.leave(call);
    call.givenUp = { at: now() + COMMIT_GRACE, reason: undefined };
    this.#checkBy(call.givenUp.at);
    if (lane.worksOn(call.slot)) this.#suspect(lane, call.slot);
  }

  #checkBy(time: number): void {
    if (time < this.#nextCheck) this.#nextCheck = time;
    this.#alarm.by(time);
  }

  #suspect(lane: Lane, slot: number): void {
    lane.suspectSlot = slot;
    lane.suspectAt = now() + lane.grace;
    lane.isStopping = false;
    this.#alarm.by(lane.suspectAt);
  }

  #ring(): void {
    const time = now();
    // Under load it rings every other millisecond to look for slow lanes, and there are many calls.
    if (time >= this.#nextCheck) this.#checkAll(time);
    this.#alarm.by(this.#nextCheck);
    for (const lane of this.#watched.roster.lanes()) {
      if (lane.suspectAt <= time) this.#judge(lane);
      this.#alarm.by(lane.suspectAt);
    }
    this.#watched.flush();
  }

  /** Gives up whatever has run out of time, in the queues and on the lanes. */
  #checkAll(time: number): void {
    this.#nextCheck = Number.POSITIVE_INFINITY;
    for (const queue of this.#watched.waiting.queues) {
      for (const call of queue) {
        const end = waitsUntil(call);
        if (end <= time) this.giveUp(call, this.#queueTimeout(call));
        else this.#checkBy(end);
      }
    }
    for (const lane of this.#watched.roster.lanes()) {
      for (const call of lane.calls) {
        if (!call.isSettled) this.#checkBy(this.#check(call, lane, time));
      }
    }
  }

  /** Gives up a call on a lane that has run out of time; answers when to look at it again. */
  #check(call: Call, lane: Lane, time: number): number {
    if (call.givenUp !== undefined) return this.#checkCommit(call, lane, time);
    const start = lane.startOf(call);
    if (start === undefined) {
      const end = waitsUntil(call);
      if (end > time) return Math.min(end, time + call.settings.timeout);
      this.giveUp(call, this.#queueTimeout(call));
    } else {
      if (lane.isDone(call)) return Number.POSITIVE_INFINITY;
      // Not the one that is worked on: the lane is judged by that one first, and then this one runs again.
      const end = start + call.settings.timeout + (lane.worksOn(call.slot) ? 0 : GROUP_GRACE);
      if (end > time) return Math.max(start + call.settings.timeout, time + 1);
      this.giveUp(call, overdue(call));
    }
    // Where its COMMIT is under way, giving up has set the alarm.
    return Number.POSITIVE_INFINITY;
  }

  /** COMMIT was begun, and nobody knows what comes of it: its caller is told so when the grace is over. */
  #checkCommit(call: Call, lane: Lane, time: number): number {
    const { at, reason } = call.givenUp as NonNullable<Call['givenUp']>;
    if (at > time) return at;
    // Committed, and a large answer on its way.
    if (lane.isDone(call)) return time + COMMIT_GRACE;
    const what = `The COMMIT of ${nameOf(call.plan)}`;
    this.#watched.reject(
      call,
      new TimeoutError({ what, timeout: call.settings.timeout }, { cause: reason, outcome: 'unknown' }),
    );
    this.#suspect(lane, call.slot);
    return Number.POSITIVE_INFINITY;
  }

  #queueTimeout(call: Call): Error {
    const { roster, load } = this.#watched;
    const cause = roster.failureOf(call.access === 'write' ? roster.writerRole : roster.readerRole);
    const failure = cause === undefined ? {} : { failure: cause instanceof Error ? cause.message : String(cause) };
    const held = roster.lanes().filter(({ holder }) => holder !== undefined).length;
    const detail = {
      what: describe(call),
      queueTimeout: call.settings.queueTimeout,
      ...load,
      ...failure,
      ...(held > 0 && { held }),
    };
    return new QueueTimeoutError(detail, cause === undefined ? {} : { cause });
  }

  /** A lane did not notice in time: in JavaScript its thread can be ended, inside the driver it can only be left alone. */
  #judge(lane: Lane): void {
    if (!lane.worksOn(lane.suspectSlot)) return lane.clear();
    if (!lane.isStopping && lane.stoppingGrace > 0) {
      lane.isStopping = true;
      lane.suspectAt = now() + lane.stoppingGrace;
      return;
    }
    lane.suspectAt = Number.POSITIVE_INFINITY;
    if (!lane.isInNativeCall) return void lane.terminate();
    if (lane.holder === undefined) this.#watched.requeue(lane.reclaim());
    else this.giveUp(lane.holder, stuckError(lane.holder));
    this.#watched.roster.retire(lane);
  }
}

const overdue = (call: Call): Error =>
  call.plan.kind === 'lease'
    ? heldTooLong(call.plan)
    : new TimeoutError({ what: describe(call), timeout: call.settings.timeout });

const stuckError = ({ plan }: Call): Error =>
  new LaneLostError({ what: nameOf(plan), reason: 'it hangs in a call of the driver' });
