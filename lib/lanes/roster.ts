import { DatabaseError, NoDatabaseError } from '../errors.js';
import { now } from '../wire/clock.js';
import type { ErrorClasses } from '../wire/fault.js';
import type { LaneOpening, Role, UnitEntry } from '../wire/message.js';
import { locate } from './addresses.js';
import { atMost } from './at-most.js';
import { cutShort, overdue } from './failed-opening.js';
import type { Journal } from './journal.js';
import { Lane, type LaneEvents } from './lane.js';
import type { Site } from './sites.js';
import { type ThreadOptions, Threads } from './threads.js';

export interface RosterOptions {
  readonly sites: readonly Site[];
  readonly opening: Omit<LaneOpening, 'port' | 'cell' | 'role' | 'database'>;
  readonly threads: Omit<ThreadOptions, 'needs' | 'lanes' | 'substitutes'>;
  readonly classes: ErrorClasses;
  readonly journal: Journal;
}
export interface RosterEvents extends Omit<LaneEvents, 'journal'> {
  /** Whether calls wait for a lane of this role. */
  readonly isWanted: (role: Role) => boolean;
}

/** How long a lane may take to open. Milliseconds. */
const OPENING = 30_000;
/** Reopening pauses so long after a failure, and twice as long after each further one. Milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** So much of a pause at most is left out, by chance. */
const JITTER = 0.5;
/** How long a lane that works on something is waited for when the pool ends, and one that does not. Milliseconds. */
const PARTING = 500;
const LONG_PARTING = 10_000;

/** Which lanes there are: opened, replaced when lost, stood in for when stuck, and closed in their order. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #events: RosterEvents & LaneEvents;
  readonly #journal: Journal;
  readonly #threads: Threads;
  readonly #lanes = new Set<Lane>();
  readonly #failures = new Map<Site, { readonly pause: number; readonly error: unknown }>();
  readonly #retries = new Map<Site, NodeJS.Timeout>();
  #isEnding = false;
  /** Why nothing can be served: a database in memory went with its thread, or there is none. */
  gone: Error | undefined;
  /** How many lanes were lost, and how many were taken out of service. */
  lost = 0;
  retired = 0;

  constructor(options: RosterOptions, events: RosterEvents) {
    this.#options = options;
    const { journal, sites, threads, opening } = options;
    this.#journal = journal;
    this.#events = { ...events, journal, onLost: (lane, calls, error) => this.#lost(lane, calls, error, events) };
    const lanes = sites.reduce((sum, site) => sum + site.lanes, 0);
    const needs = { dialect: sites[0]?.location.dialect ?? 'sqlite', hasUnits: opening.units !== undefined };
    this.#threads = new Threads({ ...threads, needs, lanes, substitutes: Math.max(1, lanes - 1) });
  }

  /** The first lane alone, since it makes a SQLite file and sets its journal; then the others beside each other. */
  async open(): Promise<readonly UnitEntry[]> {
    const [first, ...rest] = this.#options.sites;
    if (first === undefined) {
      this.gone = new NoDatabaseError({});
      return [];
    }
    const units = await this.#openLane(first);
    await Promise.all([this.#fill(first, first.lanes - 1), ...rest.map((site) => this.#fill(site, site.lanes))]);
    this.#journal.isOpen = true;
    return units;
  }

  #fill(site: Site, count: number): Promise<unknown> {
    // One that is missing is opened later, as one that was lost.
    const open = () => (site.isReplica ? this.#tryToOpen(site) : this.#openLane(site));
    return Promise.all(Array.from({ length: count }, open));
  }

  get sites(): readonly Site[] {
    return this.#options.sites;
  }
  get writerRole(): Role {
    return this.#options.sites[0]?.role ?? 'both';
  }
  get readerRole(): Role {
    return this.#options.sites.length === 1 ? this.writerRole : 'reader';
  }
  lanes(role?: Role): Lane[] {
    return [...this.#lanes].filter((lane) => role === undefined || lane.role === role);
  }
  /** Why the last lane of a role could not be opened, where none could be since. */
  failureOf(role: Role): unknown {
    for (const [site, { error }] of this.#failures) if (site.role === role) return error;
    return undefined;
  }

  async #openLane(site: Site): Promise<readonly UnitEntry[]> {
    const { classes, opening } = this.#options;
    const lane = new Lane(site, this.#threads, classes, this.#events);
    this.#lanes.add(lane);
    const limit = setTimeout(() => lane.abandon(overdue(lane, opening, OPENING)), OPENING);
    // The running task keeps the process alive meanwhile.
    limit.unref();
    try {
      const start = now();
      const { units, system } = await lane.open({ ...opening, database: locate(site.location) });
      this.#journal.opened(lane.context, system, now() - start);
      this.#failures.delete(site);
      this.#events.onRoom(lane);
      return units;
    } catch (thrown) {
      const error = cutShort(lane, opening, thrown);
      this.#journal.failed(lane.context, error);
      this.#remove(lane);
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  #lost(lane: Lane, calls: Lane['calls'], error: unknown, events: RosterEvents): void {
    this.lost++;
    if (this.#isEnding) this.#journal.closed(lane.context);
    else this.#journal.lost(lane.context, error);
    this.#remove(lane);
    const { location } = lane.site;
    if (location.dialect === 'sqlite' && location.path === ':memory:') {
      const message = 'The in-memory database went with the thread that held it: make a new pool.';
      this.gone ??= new DatabaseError(message, { code: 'OFFTHREAD_LANE_LOST', kind: 'connection' }, { cause: error });
    }
    events.onLost(lane, calls, error);
    this.#reopen(lane.site);
  }

  /** Opens a lane in the place of one that is gone; where that fails, again after a while. */
  reopen(role: Role): void {
    for (const site of this.#options.sites) if (site.role === role) this.#reopen(site);
  }
  #reopen(site: Site): void {
    if (this.#isEnding || this.gone !== undefined || this.#isManned(site)) return;
    const retry = this.#retries.get(site);
    if (retry !== undefined) {
      // Whoever waits now keeps the process alive until it has been tried.
      if (this.#events.isWanted(site.role)) retry.ref();
      return;
    }
    // Where the last one failed, one tries for all.
    if (this.#failures.has(site) && this.#lanesOf(site).some((lane) => lane.isOpening)) return;
    void this.#tryToOpen(site);
  }

  async #tryToOpen(site: Site): Promise<void> {
    try {
      await this.#openLane(site);
      // Those that waited for this one: it can be done.
      for (let missing = site.lanes; missing > 0; missing--) this.#reopen(site);
    } catch (error) {
      if (this.#isEnding || this.#retries.has(site)) return;
      const pause = Math.min(LONGEST_PAUSE, (this.#failures.get(site)?.pause ?? FIRST_PAUSE / 2) * 2);
      this.#failures.set(site, { pause, error });
      const again = () => {
        this.#retries.delete(site);
        this.#reopen(site);
      };
      // Not all pools of all processes at the same time.
      const timer = setTimeout(again, pause * (1 - JITTER * Math.random()));
      if (!this.#events.isWanted(site.role)) timer.unref();
      this.#retries.set(site, timer);
    }
  }

  #lanesOf(site: Site): Lane[] {
    return [...this.#lanes].filter((lane) => lane.site === site);
  }

  /** Whether there are as many lanes of a site as there shall be. A writer that hangs holds the lock: another would only wait for it. */
  #isManned(site: Site): boolean {
    const lanes = this.#lanesOf(site);
    if (site.role !== 'reader') return lanes.length >= site.lanes;
    const retired = lanes.filter((lane) => lane.isRetired).length;
    return lanes.length - retired >= site.lanes || retired > site.lanes;
  }

  /** What lanes that are gone have committed together counts too. */
  groups(): Lane['groups'] {
    return this.lanes().reduce((sum, lane) => plus(sum, lane.groups), this.#groups);
  }
  #groups: Lane['groups'] = { count: 0, writes: 0, largest: 0 };

  #remove(lane: Lane): void {
    if (this.#lanes.delete(lane)) this.#groups = plus(this.#groups, lane.groups);
  }

  /** Takes a stuck lane out of service. A reader gets a substitute, while there is a thread for one. */
  retire(lane: Lane): void {
    lane.isRetired = true;
    this.retired++;
    this.#journal.retired(lane.context, lane.current?.call);
    this.#reopen(lane.site);
  }

  /** Closes a reader that has returned from its retirement and has a substitute. */
  trim(lane: Lane): void {
    const serving = this.#lanesOf(lane.site).filter((each) => !each.isRetired);
    if (this.#isEnding || lane.role !== 'reader' || serving.length <= lane.site.lanes || lane.batches > 0) return;
    this.#remove(lane);
    void lane.close().then(() => this.#journal.closed(lane.context));
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
          this.#remove(lane);
          this.#journal.closed(lane.context);
        }),
      ),
    );
    await atMost(PARTING, closing);
    // A busy machine is no reason to end a thread before it has closed its file.
    if ([...left].some((lane) => !lane.isWorking)) await atMost(LONG_PARTING, closing);
    return [...left];
  }
}

const plus = (a: Lane['groups'], b: Lane['groups']): Lane['groups'] => ({
  count: a.count + b.count,
  writes: a.writes + b.writes,
  largest: Math.max(a.largest, b.largest),
});
