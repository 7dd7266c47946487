import { QueueTimeoutError, TimeoutError } from '../../errors.js';
import { type Cell, State } from '../../wire/cell.js';
import { now } from '../../wire/clock.js';
import { Alarm } from '../alarm.js';
import { Signals } from '../signals.js';
import type { WrapCall } from './wrap-call.js';

export interface PatienceOptions {
  /** Those that are not settled. */
  readonly calls: ReadonlySet<WrapCall>;
  readonly load: () => { readonly waiting: number; readonly running: number; readonly lanes: number };
  readonly giveUp: (call: WrapCall, reason: unknown) => void;
  /** The thread hangs in a call whose time is over. */
  readonly onStuck: (reason: Error) => void;
}

/** How much longer than its time a call may block its thread. Milliseconds. */
const GRACE = 100;

/** Which calls of a wrapped module have run out of time, or are not wanted any more. One alarm serves all. */
export class Patience {
  readonly #cell: Cell;
  readonly #options: PatienceOptions;
  readonly #signals: Signals<WrapCall>;
  readonly #alarm = new Alarm(() => this.#ring());
  /** The place of a call that blocks the thread although its time is over, and until when it may. */
  #suspect: { readonly slot: number; readonly until: number } | undefined;

  constructor(cell: Cell, options: PatienceOptions) {
    this.#cell = cell;
    this.#options = options;
    this.#signals = new Signals(options.giveUp);
  }

  begin(call: WrapCall): void {
    const { signal, timeout, queueTimeout } = call.settings;
    if (signal !== undefined) this.#signals.add(signal, call);
    this.#alarm.by(call.arrival + Math.min(timeout, queueTimeout));
  }
  end(call: WrapCall): void {
    const { signal } = call.settings;
    if (signal !== undefined) this.#signals.delete(signal, call);
  }
  /** The place is free for another. */
  free(slot: number): void {
    if (this.#suspect?.slot === slot) this.#suspect = undefined;
  }
  stop(): void {
    this.#alarm.stop();
    this.#suspect = undefined;
  }

  isWaiting({ slot }: WrapCall): boolean {
    return slot === undefined || this.#cell.stateOf(slot) === State.waiting;
  }

  #ring(): void {
    const time = now();
    for (const call of this.#options.calls) this.#alarm.by(this.#check(call, time));
    if (this.#suspect === undefined) return;
    const { slot, until } = this.#suspect;
    if (until > time) return this.#alarm.by(until);
    this.#suspect = undefined;
    if (this.#cell.current === slot) this.#options.onStuck(new Error('it was stuck in a call whose time was over'));
  }

  /** Gives up what has run out of time; answers when to look at it again. */
  #check(call: WrapCall, time: number): number {
    const { what, slot, settings, arrival } = call;
    const { timeout, queueTimeout } = settings;
    if (slot === undefined || this.isWaiting(call)) {
      const end = arrival + queueTimeout;
      if (end > time) return Math.min(end, time + timeout);
      this.#options.giveUp(call, new QueueTimeoutError({ what, queueTimeout, ...this.#options.load() }));
      return Number.POSITIVE_INFINITY;
    }
    const end = this.#cell.startOf(slot) + timeout;
    // Done, and its answer on the way.
    if (this.#cell.stateOf(slot) === State.committed) return Number.POSITIVE_INFINITY;
    if (end > time) return end;
    this.#options.giveUp(call, new TimeoutError({ what, timeout }, { outcome: 'unknown' }));
    if (this.#cell.current !== slot) return Number.POSITIVE_INFINITY;
    this.#suspect = { slot, until: time + GRACE };
    return this.#suspect.until;
  }
}
