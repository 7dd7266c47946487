import { availableParallelism } from 'node:os';
import { now } from './clock.js';

/** How many plans may be with a lane at a time, served and waiting. */
export const SLOTS = 512;

/** The life of one plan on a lane. Every change is a compare-and-swap, so that two threads never both decide. */
export const State = {
  /** Sent to the lane, not begun: the caller's thread may still take it back. */
  waiting: 0,
  /** Claimed by the lane, and not yet past its point of no return. */
  running: 1,
  /** The caller gave up; the lane undoes what it did. */
  cancelled: 2,
  /** Taken back by the caller's thread, for another lane. */
  reclaimed: 3,
  /** COMMIT is under way: nobody can stop it any more. */
  committing: 4,
  committed: 5,
  /** A statement is under way that is its own transaction: it can still be stopped, and only its answer says whether it was. */
  deciding: 6,
  /** The same, and the caller gave up: the lane stops it, if it comes in time. Or a stream whose consumer wants no more. */
  recalled: 7,
} as const;
export type State = (typeof State)[keyof typeof State];

/** How far a lane has come with opening. */
export const Step = { thread: 0, units: 1, database: 2, setup: 3 } as const;
export type Step = (typeof Step)[keyof typeof Step];

const Inside = { javascript: 0, driver: 1, loader: 2 } as const;
const Bell = { quiet: 0, rung: 1, asleep: 2 } as const;

const BELL = 0;
const CURRENT = 1;
const NATIVE = 2;
const UNREAD = 3;
const NOTICED = 4;
const STEP = 5;
const STATES = STEP + 1; // even, since the doubles behind the states need eight bytes
const BYTES_OF_STATES = 4 * (STATES + SLOTS);
/** Since the lane began: groups that shared a commit, the writes in them, and the most in one. */
const GROUPS = 2 * SLOTS;
const WRITES = GROUPS + 1;
const LARGEST = GROUPS + 2;
const NUMBERS = GROUPS + 3;
const TAKEN = BYTES_OF_STATES + 8 * NUMBERS;
const NONE = -1;
/** A bell that comes within so many milliseconds is watched for: to be woken takes about as much. */
const PROMPT = 0.25;
const HAS_CORES = availableParallelism() > 1;
/** Turns of the reader's event loop that may be on their way, in full messages: one is read while the next is packed. */
const MOST_UNREAD = 3;
/** Chunks of a stream that may be on their way or wait for its consumer. */
export const MOST_UNTAKEN = 4;

/**
 * A lane's shared memory: a bell to wake it, what it is doing, and each plan's state and start. Both threads hold one
 * over the same buffer; which method belongs to which thread is said with each.
 */
export class Cell {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** When each plan was begun, when each was done, and what is counted. */
  readonly #numbers: Float64Array;
  /** How many chunks of a stream were taken, by slot. */
  readonly #taken: Int32Array;
  /** How long the bell is watched for: not much longer than it took lately, since the other thread may want this core. Milliseconds. */
  #watch = 0;

  /** @param buffer of the other thread's cell; without it a new one */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(TAKEN + 4 * SLOTS);
    this.#words = new Int32Array(this.buffer, 0, STATES + SLOTS);
    this.#numbers = new Float64Array(this.buffer, BYTES_OF_STATES, NUMBERS);
    this.#taken = new Int32Array(this.buffer, TAKEN, SLOTS);
    if (buffer === undefined) this.#words.fill(NONE, CURRENT, CURRENT + 1);
  }

  // ── The caller's thread ──────────────────────────────────────────────────────────────────────────────────────────

  /** Wakes the lane for what was just posted. False where it sleeps: its task has to be started again. */
  ring(): boolean {
    const before = Atomics.exchange(this.#words, BELL, Bell.rung);
    Atomics.notify(this.#words, BELL);
    return before !== Bell.asleep;
  }
  /** So many plans are about to be sent, in places one after another. The message that they go with is what publishes them. */
  place(first: number, count: number): void {
    this.#words.fill(State.waiting, STATES + first, STATES + first + count);
    this.#numbers.fill(0, first, first + count);
  }
  /** The plan that the lane works on at this moment. */
  get current(): number | undefined {
    const slot = Atomics.load(this.#words, CURRENT);
    return slot === NONE ? undefined : slot;
  }
  /** Whether it is inside a call of the driver, which nothing can end from outside. */
  get isInNativeCall(): boolean {
    return Atomics.load(this.#words, NATIVE) === Inside.driver;
  }
  get isLoading(): boolean {
    return Atomics.load(this.#words, NATIVE) === Inside.loader;
  }
  get step(): Step {
    return Atomics.load(this.#words, STEP) as Step;
  }
  /** A full message of so many turns was read, and the event loop has turned since. */
  acknowledge(turns: number): void {
    Atomics.sub(this.#words, UNREAD, turns);
    Atomics.notify(this.#words, UNREAD);
  }
  /** A stream's consumer has taken a chunk; or has been moved to another state, which the lane is woken to see. */
  take(slot: number): void {
    Atomics.add(this.#taken, slot, 1);
    Atomics.notify(this.#taken, slot);
  }
  /** When the lane began the plan, on the shared clock; 0 where it has not. */
  startOf(slot: number): number {
    return this.#numbers[slot] as number;
  }
  /** When it was done; before its start where the lane has not said. */
  endOf(slot: number): number {
    return this.#numbers[SLOTS + slot] as number;
  }
  get groups(): { readonly count: number; readonly writes: number; readonly largest: number } {
    const [count = 0, writes = 0, largest = 0] = this.#numbers.subarray(GROUPS, NUMBERS);
    return { count, writes, largest };
  }

  /** Somebody is about to give up. */
  expectNotice(): void {
    Atomics.store(this.#words, NOTICED, 0);
  }
  /** Whether the lane has noticed that somebody gave up, and is about to make an end of it. */
  get hasNoticed(): boolean {
    return Atomics.load(this.#words, NOTICED) === 1;
  }

  // ── The worker thread ────────────────────────────────────────────────────────────────────────────────────────────

  /** Before messages are read: what is posted from now on rings again. */
  quiet(): void {
    Atomics.store(this.#words, BELL, Bell.quiet);
  }
  /** Waits for the bell. False where none came in time and the lane has gone to sleep. */
  wait(milliseconds: number): boolean {
    if (this.listen(milliseconds)) return true;
    return Atomics.compareExchange(this.#words, BELL, Bell.quiet, Bell.asleep) !== Bell.quiet;
  }
  /** The same, without going to sleep. */
  listen(milliseconds: number): boolean {
    const start = performance.now();
    const isSeen = this.#watch > 0 && this.#isRungBy(start + this.#watch);
    const wasInVain = this.#watch > 0 && !isSeen;
    const isHeard = isSeen || Atomics.wait(this.#words, BELL, Bell.quiet, milliseconds) !== 'timed-out';
    const waited = performance.now() - start;
    // What was watched for in vain says nothing of how long to watch: it may have kept the other thread from ringing.
    if (!HAS_CORES || wasInVain || waited >= PROMPT) this.#watch = 0;
    else this.#watch = Math.min(PROMPT, Math.max(2 * waited, 0.9 * this.#watch));
    return isHeard;
  }
  /** Looks again and again, which costs a core but is heard at once. */
  #isRungBy(time: number): boolean {
    do {
      if (Atomics.load(this.#words, BELL) !== Bell.quiet) return true;
    } while (performance.now() < time);
    return false;
  }
  /** It opens, and has come so far. */
  reach(step: Step): void {
    Atomics.store(this.#words, STEP, step);
  }
  /** Begins a plan, from when its time counts; false where its caller gave up or took it back before. */
  claim(slot: number, time = now()): boolean {
    // Before the state says so: a start that is read is then never that of the slot's last plan.
    this.#numbers[slot] = time;
    return this.move(slot, State.waiting, State.running);
  }
  /** It is done, and so is its COMMIT. */
  end(slot: number, time: number): void {
    this.#numbers[SLOTS + slot] = time;
  }
  /** So many writes were committed together. */
  grouped(writes: number): void {
    const numbers = this.#numbers;
    (numbers[GROUPS] as number)++;
    numbers[WRITES] = (numbers[WRITES] as number) + writes;
    numbers[LARGEST] = Math.max(numbers[LARGEST] as number, writes);
  }
  /** From now on this plan is the one that is worked on. */
  begin(slot: number): void {
    Atomics.store(this.#words, CURRENT, slot);
  }
  /** Nothing is worked on. */
  rest(): void {
    Atomics.store(this.#words, CURRENT, NONE);
  }
  native(inside: boolean): void {
    Atomics.store(this.#words, NATIVE, inside ? Inside.driver : Inside.javascript);
  }
  /** Loads modules, which takes long once, and cannot be stopped in between. */
  loading<R>(load: () => R): R {
    const before = Atomics.exchange(this.#words, NATIVE, Inside.loader);
    try {
      return load();
    } finally {
      Atomics.store(this.#words, NATIVE, before);
    }
  }
  /** What it works on was given up, as it sees now. */
  notice(): void {
    Atomics.store(this.#words, NOTICED, 1);
  }
  /** A full message of so many turns is sent: waits until little enough is unread, since it would all be read in one. */
  awaitReader(turns: number, milliseconds = Number.POSITIVE_INFINITY): boolean {
    Atomics.add(this.#words, UNREAD, turns);
    return this.awaitReading(milliseconds);
  }
  /** Waits on. False where they were not read in time. */
  awaitReading(milliseconds = Number.POSITIVE_INFINITY): boolean {
    const end = performance.now() + milliseconds;
    for (;;) {
      const unread = Atomics.load(this.#words, UNREAD);
      if (unread < MOST_UNREAD) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, UNREAD, unread, left);
    }
  }
  /** A stream begins: none of its chunks is taken. */
  offer(slot: number): void {
    Atomics.store(this.#taken, slot, 0);
  }
  /**
   * So many chunks of a stream were sent: waits until few enough of them are left to take. False where none was taken for so
   * many milliseconds. `check` throws where nobody wants more, and is asked whenever somebody rings.
   */
  awaitTaker(slot: number, sent: number, milliseconds: number, check: () => void): boolean {
    const end = performance.now() + milliseconds;
    for (;;) {
      const taken = Atomics.load(this.#taken, slot);
      check();
      if (sent - taken < MOST_UNTAKEN) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#taken, slot, taken, left);
    }
  }

  // ── Either ───────────────────────────────────────────────────────────────────────────────────────────────────────

  stateOf(slot: number): State {
    return Atomics.load(this.#words, STATES + slot) as State;
  }
  /** Moves a plan on, unless the other thread was quicker. */
  move(slot: number, from: State, to: State): boolean {
    return Atomics.compareExchange(this.#words, STATES + slot, from, to) === from;
  }
}
