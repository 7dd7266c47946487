import type { ErrorClasses } from '../wire/fault.js';
import type { LaneOpening, Role, UnitEntry } from '../wire/message.js';
import { Lane, type LaneEvents } from './lane.js';
import { type ThreadOptions, Threads } from './threads.js';

export interface RosterOptions {
  /** Reader lanes beside the writer; 0 is one lane for both. */
  readonly readers: number;
  readonly opening: Omit<LaneOpening, 'port' | 'cell' | 'role'>;
  readonly threads: Omit<ThreadOptions, 'lanes' | 'substitutes'>;
  readonly classes: ErrorClasses;
  /** How long a lane may take to open, in milliseconds. */
  readonly openTimeout: number;
}

/** Reopening pauses so long after a failure, and twice as long after each further one. Milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** A thread that ends in a native call is not waited for longer than this when the pool ends. Milliseconds. */
const PARTING = 500;

/** Which lanes there are: opened, replaced when lost, stood in for when stuck, and closed in their order. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #events: LaneEvents;
  readonly #threads: Threads;
  readonly #lanes = new Set<Lane>();
  readonly #missing = new Map<Role, { pause: number; retryAt: number; error: unknown }>();
  #retry: NodeJS.Timeout | undefined;
  #isEnding = false;
  /** How many lanes were lost, and how many were taken out of service. */
  lost = 0;
  retired = 0;

  constructor(options: RosterOptions, events: LaneEvents) {
    this.#options = options;
    this.#events = {
      ...events,
      onLost: (lane, calls, error) => {
        this.lost++;
        this.#lanes.delete(lane);
        events.onLost(lane, calls, error);
        this.reopen(lane.role);
      },
    };
    this.#threads = new Threads({
      ...options.threads,
      lanes: Math.max(1, options.readers + 1),
      substitutes: Math.max(1, options.readers),
    });
  }

  /** The writer first, since it alone makes the file and sets its journal; then the readers beside each other. */
  async open(): Promise<readonly UnitEntry[]> {
    const units = await this.#openLane(this.writerRole);
    await Promise.all(Array.from({ length: this.#options.readers }, () => this.#openLane('reader')));
    return units;
  }

  get writerRole(): Role {
    return this.#options.readers === 0 ? 'both' : 'writer';
  }
  get readerRole(): Role {
    return this.#options.readers === 0 ? 'both' : 'reader';
  }
  lanes(role?: Role): Lane[] {
    return [...this.#lanes].filter((lane) => role === undefined || lane.role === role);
  }
  /** Why there is no lane of a role, where there is none. */
  failureOf(role: Role): unknown {
    return this.#missing.get(role)?.error;
  }

  async #openLane(role: Role): Promise<readonly UnitEntry[]> {
    const { classes, opening, openTimeout } = this.#options;
    const lane = new Lane(role, this.#threads, classes, this.#events);
    this.#lanes.add(lane);
    const limit = setTimeout(() => lane.terminate(), Math.min(openTimeout, 2 ** 31 - 1));
    try {
      const { units } = await lane.open(opening);
      this.#missing.delete(role);
      this.#events.onRoom(lane);
      return units;
    } catch (error) {
      this.#lanes.delete(lane);
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /** Opens a lane in the place of one that is gone; where that fails, again after a while, for as long as somebody waits. */
  reopen(role: Role): void {
    const wanted = role === 'reader' ? this.#options.readers : 1;
    if (this.#isEnding || this.lanes(role).filter((lane) => !lane.isRetired).length >= wanted) return;
    const missing = this.#missing.get(role);
    if (missing !== undefined && missing.retryAt > performance.now()) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.reopen(role);
      }, missing.retryAt - performance.now());
      return;
    }
    this.#openLane(role).catch((error) => {
      const pause = Math.min(LONGEST_PAUSE, (missing?.pause ?? FIRST_PAUSE / 2) * 2);
      this.#missing.set(role, { pause, retryAt: performance.now() + pause, error });
    });
  }

  /**
   * Takes a stuck lane out of service. A reader gets a substitute while there is a thread for one; a writer none until
   * its statement has returned, since it holds the lock.
   */
  retire(lane: Lane): void {
    lane.isRetired = true;
    this.retired++;
    const spares = this.lanes('reader').filter((each) => each.isRetired).length;
    if (lane.role === 'reader' && spares <= this.#options.readers) this.reopen('reader');
  }

  /** Closes a reader that has returned from its retirement and has a substitute. */
  trim(lane: Lane): void {
    const serving = this.lanes(lane.role).filter((each) => !each.isRetired);
    if (this.#isEnding || lane.role !== 'reader' || serving.length <= this.#options.readers || lane.batches > 0) return;
    this.#lanes.delete(lane);
    void lane.close();
  }

  /** Closes every lane, the writer last: it leaves no -wal behind once nobody reads any more. */
  async close(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#retry);
    await this.#part(this.lanes('reader'));
    await this.#part(this.lanes(this.writerRole));
    for (const lane of this.#lanes) lane.terminate();
    await within(PARTING, this.#threads.destroy());
  }

  async #part(lanes: readonly Lane[]): Promise<void> {
    await within(PARTING, Promise.all(lanes.map((lane) => lane.close().then(() => this.#lanes.delete(lane)))));
  }
}

/** Waits for a promise, but not longer than so many milliseconds. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}
