import { DatabaseError, LaneLostError } from '../errors.js';
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
}
export interface RosterEvents extends LaneEvents {
  /** Whether calls wait for a lane of this role. */
  readonly isWanted: (role: Role) => boolean;
}

/** How long a lane may take to open. Milliseconds. */
const OPENING = 30_000;
/** Reopening pauses so long after a failure, and twice as long after each further one. Milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How long a lane that works on something is waited for when the pool ends, and one that does not. Milliseconds. */
const PARTING = 500;
const LONG_PARTING = 10_000;

/** Which lanes there are: opened, replaced when lost, stood in for when stuck, and closed in their order. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #events: RosterEvents;
  readonly #threads: Threads;
  readonly #lanes = new Set<Lane>();
  readonly #failures = new Map<Role, { readonly pause: number; readonly error: unknown }>();
  readonly #retries = new Map<Role, NodeJS.Timeout>();
  #isEnding = false;
  /** Why nothing can be served any more: a database in memory went with its thread. */
  gone: Error | undefined;
  /** How many lanes were lost, and how many were taken out of service. */
  lost = 0;
  retired = 0;

  constructor(options: RosterOptions, events: RosterEvents) {
    this.#options = options;
    this.#events = { ...events, onLost: (lane, calls, error) => this.#lost(lane, calls, error, events) };
    const { readers, threads } = options;
    this.#threads = new Threads({ ...threads, lanes: readers + 1, substitutes: Math.max(1, readers) });
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
  /** Why the last lane of a role could not be opened, where none could be since. */
  failureOf(role: Role): unknown {
    return this.#failures.get(role)?.error;
  }

  async #openLane(role: Role): Promise<readonly UnitEntry[]> {
    const { classes, opening } = this.#options;
    const lane = new Lane(role, this.#threads, classes, this.#events);
    this.#lanes.add(lane);
    const reason = `opening took longer than ${OPENING} ms: a module that never finishes loading, or a database that does not answer`;
    const limit = setTimeout(() => lane.abandon(new LaneLostError({ what: `a ${role} lane`, reason })), OPENING);
    // The running task keeps the process alive meanwhile.
    limit.unref();
    try {
      const { units } = await lane.open(opening);
      this.#failures.delete(role);
      this.#events.onRoom(lane);
      return units;
    } catch (error) {
      this.#lanes.delete(lane);
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  #lost(lane: Lane, calls: Lane['calls'], error: unknown, events: RosterEvents): void {
    this.lost++;
    this.#lanes.delete(lane);
    if (this.#options.opening.database.path === ':memory:') {
      const message = 'The in-memory database went with the thread that held it: make a new pool.';
      this.gone ??= new DatabaseError(message, { code: 'OFFTHREAD_LANE_LOST', kind: 'connection' }, { cause: error });
    }
    events.onLost(lane, calls, error);
    this.reopen(lane.role);
  }

  /** Opens a lane in the place of one that is gone; where that fails, again after a while. */
  reopen(role: Role): void {
    if (this.#isEnding || this.gone !== undefined || this.#isManned(role)) return;
    const retry = this.#retries.get(role);
    if (retry !== undefined) {
      // Whoever waits now keeps the process alive until it has been tried.
      if (this.#events.isWanted(role)) retry.ref();
      return;
    }
    this.#openLane(role).catch((error) => {
      const pause = Math.min(LONGEST_PAUSE, (this.#failures.get(role)?.pause ?? FIRST_PAUSE / 2) * 2);
      this.#failures.set(role, { pause, error });
      const timer = setTimeout(() => {
        this.#retries.delete(role);
        this.reopen(role);
      }, pause);
      if (!this.#events.isWanted(role)) timer.unref();
      this.#retries.set(role, timer);
    });
  }

  /** Whether there are as many lanes of a role as there shall be. A writer that hangs holds the lock: another would only wait for it. */
  #isManned(role: Role): boolean {
    const lanes = this.lanes(role);
    if (role !== 'reader') return lanes.length > 0;
    const retired = lanes.filter((lane) => lane.isRetired).length;
    return lanes.length - retired >= this.#options.readers || retired > this.#options.readers;
  }

  /** Takes a stuck lane out of service. A reader gets a substitute, while there is a thread for one. */
  retire(lane: Lane): void {
    lane.isRetired = true;
    this.retired++;
    this.reopen(lane.role);
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
    for (const timer of this.#retries.values()) clearTimeout(timer);
    const left = [...(await this.#part(this.lanes('reader'))), ...(await this.#part(this.lanes(this.writerRole)))];
    const stuck = left.filter((lane) => lane.isInNativeCall);
    await Promise.all(left.map((lane) => (stuck.includes(lane) ? undefined : lane.terminate())));
    const parted = Promise.all(stuck.map((lane) => lane.close())).then(() => this.#threads.destroy());
    // Ending a thread inside of the driver can abort the process: what is stuck there closes when it returns.
    if (stuck.length === 0) await parted;
  }

  /** Closes lanes, and answers those that did not close in time. */
  async #part(lanes: readonly Lane[]): Promise<Lane[]> {
    const left = new Set(lanes);
    const closing = Promise.all(
      lanes.map((lane) =>
        lane.close().then(() => {
          left.delete(lane);
          this.#lanes.delete(lane);
        }),
      ),
    );
    await atMost(PARTING, closing);
    // A busy machine is no reason to end a thread before it has closed its file.
    if ([...left].some((lane) => !lane.isWorking)) await atMost(LONG_PARTING, closing);
    return [...left];
  }
}

async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}
