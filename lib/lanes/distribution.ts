import { Costs } from './costs.js';
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
import type { Queue } from './queue.js';
import type { Roster } from './roster.js';
import { MOST_IN_A_BATCH } from './slots.js';
import { Turn } from './turn.js';
import type { Waiting } from './waiting.js';

/** So much work makes a batch of reads: what comes behind it does not wait for longer, and may go to another lane. Milliseconds. */
const BATCH = 1;
/** From so many on that wait, a lane gets them in two batches alike: it serves one while the other's answers are read. */
const HALVED = 16;
/** Fewer calls than this do not make a turn long. */
const CROWD = 8;

/** Whom a distribution tells what it did, and what it could not do. */
export interface DistributionEvents {
  /** Calls were sent and may begin at once; the shortest of their times is so many milliseconds. */
  readonly onSent: (timeout: number) => void;
  /** In so many milliseconds a lane may turn out to be slow. */
  readonly onSlow: (milliseconds: number) => void;
  /** There is no lane any more that has to run it. */
  readonly onPassedOver: (call: Call) => void;
  /** The turn was over before all had been sent that could be, and another has begun. */
  readonly onTurn: () => void;
  /** Back to where they waited, or where they should have. */
  readonly requeue: (calls: readonly Call[]) => void;
}

/** Which of those who wait goes to which lane, and with whom. */
export class Distribution {
  /** Batches sent so far. */
  batches = 0;
  readonly costs: Costs;
  readonly #waiting: Waiting;
  readonly #roster: Roster;
  readonly #events: DistributionEvents;
  /** Lanes that can all do the same, and share one queue. */
  readonly #hasEquals: boolean;
  readonly #isOnServer: boolean;
  readonly #turn: Turn;

  constructor(waiting: Waiting, roster: Roster, events: DistributionEvents) {
    const [first] = roster.sites;
    this.#waiting = waiting;
    this.#roster = roster;
    this.#events = events;
    this.#hasEquals = first !== undefined && first.lanes > 1;
    this.#isOnServer = first?.location.dialect === 'mysql';
    this.#turn = new Turn(events.onTurn);
    this.costs = new Costs(first?.location.dialect ?? 'sqlite');
  }

  /** Gives lanes that have room what waits. */
  fill(): void {
    if (this.#waiting.size >= CROWD && this.#turn.isOver) return;
    if (this.#waiting.broadcasts.queue.size > 0) this.#sendBroadcasts();
    const writers = this.#roster.lanes(this.#roster.writerRole);
    if (this.#hasEquals) this.#fillEquals(writers, this.#waiting.writes);
    else this.#fillWriter(writers);
    if (this.#waiting.reads === this.#waiting.writes) return this.#hasEquals ? this.#share(writers) : undefined;
    const readers = this.#roster.lanes('reader');
    this.#fillReaders(readers);
    if (!this.#hasEquals) {
      if (this.#waiting.holds.size > 0) this.#readOnWriter(writers, readers);
      return this.#share(readers);
    }
    // While no replica serves, the others do.
    if (!readers.some((lane) => lane.isServing && lane.holder === undefined))
      this.#fillEquals(writers, this.#waiting.reads);
    this.#share(writers);
    this.#share(readers);
  }

  /** Reads whose lanes are all held: whoever holds one may wait for them. */
  #readOnWriter([writer]: readonly Lane[], readers: readonly Lane[]): void {
    if (readers.some((lane) => lane.holder === undefined)) return;
    while (writer?.hasRoom && this.#waiting.reads.size > 0 && this.#waiting.reads.first?.hold === undefined)
      this.#send(writer, this.#waiting.reads, MOST_IN_A_BATCH, BATCH);
  }

  /** The same for what waits within holds. */
  fillHeld(): void {
    for (const [lane, calls] of this.#waiting.holds.next()) {
      this.batches++;
      lane.sendWithin(calls);
      this.#events.onSent(Math.min(...calls.map(({ settings }) => settings.timeout)));
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
      this.#waiting.aside.push(first);
      return 'aside';
    }
    const lane = chooseIdle(lanes);
    if (lane === undefined) return 'waits';
    queue.shift();
    this.batches++;
    lane.hold(first);
    this.#events.onSent(first.settings.timeout);
    return 'sent';
  }
  #sendBroadcasts(): void {
    for (const [call, lane] of this.#waiting.broadcasts.next(this.#roster.lanes())) {
      if (lane === undefined) {
        this.#events.onPassedOver(call);
        continue;
      }
      this.batches++;
      lane.send([call], this.costs.of(call.plan), false);
      this.#events.onSent(call.settings.timeout);
    }
    for (const { role } of this.#waiting.broadcasts.missing()) this.#roster.reopen(role);
  }

  /** All that wait, since they share one commit. */
  #fillWriter(writers: readonly Lane[]): void {
    const [writer] = writers;
    if (this.#waiting.writes.size === 0) return;
    if (writer === undefined) return this.#roster.reopen(this.#roster.writerRole);
    while (writer.hasRoom && this.#waiting.writes.size > 0) {
      if (this.#holdFirst(this.#waiting.writes, writers) !== 'nobody') return;
      this.#send(writer, this.#waiting.writes, MOST_IN_A_BATCH, Number.POSITIVE_INFINITY);
    }
  }

  #fillReaders(readers: readonly Lane[]): void {
    if (this.#waiting.reads.size === 0) return;
    if (readers.length === 0) return this.#roster.reopen(this.#roster.readerRole);
    while (this.#waiting.reads.size > 0) {
      const held = this.#holdFirst(this.#waiting.reads, readers);
      if (held === 'sent' || held === 'aside') continue;
      const lane = held === 'waits' ? undefined : chooseReader(readers);
      if (lane === undefined) return;
      const { size } = this.#waiting.reads;
      const most = size >= HALVED ? Math.ceil((size + lane.load) / 2) : size;
      this.#send(lane, this.#waiting.reads, Math.min(MOST_IN_A_BATCH, most), BATCH);
    }
  }

  /** Each lane its share of what goes to a server one by one; short reads go there together, and so to few lanes. */
  #fillEquals(lanes: readonly Lane[], queue: Queue): void {
    if (queue.size === 0) return;
    if (lanes.length === 0) return this.#roster.reopen(this.#roster.writerRole);
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
      if (queue !== this.#waiting.writes && this.#waiting.isKnownToWrite(call)) {
        call.access = 'write';
        diverted.push(call);
        continue;
      }
      calls.push(call);
      cost += this.costs.of(call.plan);
      shortest = Math.min(shortest, call.settings.timeout);
    }
    if (diverted.length > 0) this.#events.requeue(diverted);
    if (calls.length === 0) return;
    this.batches++;
    lane.send(
      calls,
      cost,
      this.#isOnServer && this.#roster.lanes().every((each) => each === lane || each.batches === 0),
    );
    this.#events.onSent(shortest);
  }

  /** An idle reader takes over what waits behind a plan that runs long. */
  #share(readers: readonly Lane[]): void {
    if (!readers.some((lane) => lane.hasRoom && lane.batches === 0)) return;
    for (const lane of readers) {
      if (lane.load < 2 || lane.holder !== undefined) continue;
      if (!isSlow(lane)) {
        this.#events.onSlow(IMPATIENCE * lane.pace);
        continue;
      }
      const reclaimed = lane.reclaim();
      if (reclaimed.length === 0) continue;
      return this.#events.requeue(reclaimed);
    }
  }
}

/** One of those that a server is asked together; what turns out to be none is only served where it would not have been sent. */
const isShortRead = (call: Call | undefined): boolean =>
  call?.plan.kind === 'query' &&
  call.access !== 'write' &&
  call.settings.isolation === undefined &&
  (call.access === 'read' || SELECT.test(call.plan.sql));
const SELECT = /^\s*select\b/i;
