import { LaneLostError, ObjectGoneError, PoolClosedError } from '../../errors.js';
import { SLOTS, State } from '../../wire/cell.js';
import { now } from '../../wire/clock.js';
import { type ErrorClasses, fromFault, toFault } from '../../wire/fault.js';
import type { Borrower } from '../../wire/remote/borrower.js';
import { isMarked } from '../../wire/remote/comlink.js';
import { Exchange } from '../../wire/remote/exchange.js';
import { describe, MODULE, type Reply, type Request } from '../../wire/remote/request.js';
import { newLaneId } from '../lane-id.js';
import { joinStack } from '../stack.js';
import type { Threads } from '../threads.js';
import { ModuleThread } from './module-thread.js';
import { Patience } from './patience.js';
import { type Asked, newWrapCall, type WrapCall } from './wrap-call.js';
import type { WrapSettings } from './wrap-options.js';

export interface GraphOptions {
  /** The module's URL, and what it is called in errors. */
  readonly module: string;
  readonly name: string;
  readonly threads: Threads;
  readonly classes: ErrorClasses;
  /** Where what is asked may come from, beside from here. */
  readonly home: object;
  readonly onSettled: (isFulfilled: boolean) => void;
  /** It has nothing to do. */
  readonly onIdle: (graph: Graph) => void;
  /** Its thread is gone, or will not be used any more. */
  readonly onOver: (isLost: boolean) => void;
}

const UNLIMITED: WrapSettings = {
  signal: undefined,
  timeout: Number.POSITIVE_INFINITY,
  queueTimeout: Number.POSITIVE_INFINITY,
};

/** A wrapped module with all that it imports, on one thread: what is asked of it, and of what it has lent. */
export class Graph {
  readonly id = newLaneId();
  /** Calls that it has answered. */
  served = 0;
  readonly exchange: Exchange;
  readonly #options: GraphOptions;
  readonly #thread: ModuleThread;
  readonly #patience: Patience;
  /** Calls that are not settled. */
  readonly #calls = new Set<WrapCall>();
  /** Those that were sent, by their place in the cell, until they are answered. */
  readonly #placed = new Map<number, WrapCall>();
  readonly #freeSlots = Array.from({ length: SLOTS }, (_, slot) => slot);
  readonly #unsent = new Set<WrapCall>();
  readonly #borrowers = new WeakMap<WrapSettings, Borrower>();
  /** Why it serves no more. */
  #end: Error | undefined;

  constructor(options: GraphOptions) {
    this.#options = options;
    this.#thread = new ModuleThread({ ...options, onOver: (reason, why) => this.#over(reason, why) });
    const { port, cell } = this.#thread;
    this.exchange = new Exchange({
      port,
      isLent: isMarked,
      alsoHome: options.home,
      perform: (_, request) => this.#perform(request),
    });
    // Calls keep the process alive, and nothing else does: so an idle pool lets it end.
    port.unref();
    this.#patience = new Patience(cell, {
      calls: this.#calls,
      load: () => ({ waiting: this.waiting, running: this.load - this.waiting, lanes: 1 }),
      giveUp: (call, reason) => this.#giveUp(call, reason),
      onStuck: (reason) => {
        void this.#thread.end();
        this.#over(reason, 'lost');
      },
    });
  }

  /** How many calls it has not answered. */
  get load(): number {
    return this.#calls.size;
  }
  /** How many of them it has not begun. */
  get waiting(): number {
    let waiting = this.#unsent.size;
    for (const call of this.#placed.values()) if (this.#calls.has(call) && this.#patience.isWaiting(call)) waiting++;
    return waiting;
  }
  /** What it has to do, also for callers who have given up. */
  get backlog(): number {
    return this.#placed.size + this.#unsent.size;
  }
  get state(): 'opening' | 'idle' | 'busy' {
    return this.#thread.isOpening ? 'opening' : this.backlog > 0 ? 'busy' : 'idle';
  }
  /** Whether its thread is inside of a call, or still imports the module. */
  get isBlocked(): boolean {
    return this.#thread.isBlocked;
  }

  // ── What the caller's side asks ──────────────────────────────────────────────────────────────────────────────────

  ask({ deed, id, path, args, owner }: Asked, settings: WrapSettings): Promise<unknown> {
    const what = describe(deed, path, owner);
    try {
      if (this.#end !== undefined) return this.#refuse(what, deed, this.#end);
      if (settings.signal?.aborted) return Promise.reject(settings.signal.reason);
      const parcel = this.exchange.pack(args, `The arguments of ${what}`);
      const call = newWrapCall(what, { deed, id, path, args: parcel }, settings, now());
      this.#take(call);
      return call.promise;
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }

  #refuse(what: string, deed: Asked['deed'], end: Error): Promise<unknown> {
    if (deed === 'dispose') return Promise.resolve();
    if (end instanceof PoolClosedError) throw new PoolClosedError({ what });
    throw new ObjectGoneError({ what, reason: `it went with its thread, which ended (${end.message})` });
  }

  #take(call: WrapCall): void {
    if (this.#calls.size === 0) this.#thread.port.ref();
    this.#calls.add(call);
    this.#patience.begin(call);
    this.#unsent.add(call);
    this.#send();
  }

  #send(): void {
    for (const call of this.#unsent) {
      const slot = this.#freeSlots.pop();
      if (slot === undefined) return;
      this.#unsent.delete(call);
      this.#placed.set(slot, call);
      call.slot = slot;
      this.#thread.cell.place(slot, 1);
      this.exchange.send(slot, call.request).then(
        (reply) => this.#answered(slot, call, reply),
        // Only what cannot be posted or read.
        (error) => this.#answered(slot, call, { kind: 'fault', fault: toFault(error) }),
      );
    }
  }

  #answered(slot: number, call: WrapCall, reply: Reply): void {
    this.#freeSlots.push(slot);
    this.#placed.delete(slot);
    this.#patience.free(slot);
    if (reply.kind === 'fault') this.#settle(call, false, fromFault(reply.fault, this.#options.classes));
    else if (reply.kind === 'value') this.#receive(call, reply);
    this.#send();
    if (this.backlog === 0) this.#options.onIdle(this);
  }

  /** A call that waits here and can be run by any other thread, taken out for that. */
  giveAway(): WrapCall | undefined {
    for (const call of [...this.#placed.values(), ...this.#unsent]) {
      const { request, slot } = call;
      // One that has gone already keeps its place until the thread has seen that.
      if (!this.#calls.has(call) || request.id !== MODULE || request.args.lent !== undefined) continue;
      if (request.deed === 'close') continue;
      if (slot !== undefined && !this.#thread.cell.move(slot, State.waiting, State.reclaimed)) continue;
      call.slot = undefined;
      this.#forget(call);
      return call;
    }
    return undefined;
  }
  adopt(call: WrapCall): void {
    this.#take(call);
  }

  /** Also where nobody waits for it any more: what it lends is given back when its faces are forgotten. */
  #receive(call: WrapCall, { parcel }: Reply & { kind: 'value' }): void {
    try {
      this.#settle(call, true, this.exchange.unpack(parcel, this.#borrowerFor(call.settings)));
    } catch (error) {
      this.#settle(call, false, error);
    }
  }

  /** What it lends is asked with the options of the call that it came with. */
  #borrowerFor(settings: WrapSettings): Borrower {
    const known = this.#borrowers.get(settings);
    if (known !== undefined) return known;
    const borrower = this.exchange.borrower(({ id, name }) => {
      const owner = `${name} of ${this.#options.name}`;
      return {
        name: owner,
        isCallback: false,
        ask: (deed, path, args) => this.ask({ deed, id, path, args, owner }, settings),
      };
    });
    this.#borrowers.set(settings, borrower);
    return borrower;
  }

  #settle(call: WrapCall, isFulfilled: boolean, told: unknown): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#forget(call);
    if (isFulfilled) call.resolve(told);
    else call.reject(told);
    if (call.request.deed === 'close') return;
    this.served++;
    this.#options.onSettled(isFulfilled);
  }

  #forget(call: WrapCall): void {
    this.#calls.delete(call);
    this.#unsent.delete(call);
    if (this.#calls.size === 0) this.#thread.port.unref();
    this.#patience.end(call);
  }

  /** Its caller gives up. What was begun goes on, and nobody hears of its answer. */
  #giveUp(call: WrapCall, reason: unknown): void {
    const { cell } = this.#thread;
    const { slot } = call;
    if (slot !== undefined && !cell.move(slot, State.waiting, State.cancelled))
      cell.move(slot, State.running, State.cancelled);
    this.#settle(call, false, reason);
  }

  // ── What the module asks of functions that were passed to it ─────────────────────────────────────────────────────

  async #perform(request: Request): Promise<Reply> {
    try {
      const result = await this.exchange.carryOut(request, this.#borrowerFor(UNLIMITED));
      return { kind: 'value', parcel: this.exchange.pack(result, 'The result of the callback') };
    } catch (error) {
      return { kind: 'fault', fault: toFault(error) };
    }
  }

  // ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs the module's `close`, if it exports one, and ends the thread. Rejects with what that throws, or when it takes too long. */
  async close(limit: number): Promise<void> {
    const asked = { deed: 'close', id: MODULE, path: [], args: [], owner: this.#options.name } as const;
    try {
      // What is still being imported has nothing to close.
      if (this.#end === undefined && !this.#thread.isOpening)
        await this.ask(asked, { ...UNLIMITED, timeout: limit, queueTimeout: limit });
    } catch (error) {
      // Cut by whoever ends the pool.
      if (!(error instanceof PoolClosedError)) throw error;
    } finally {
      await this.end();
    }
  }

  /** Gives up every call that is left. */
  cut(): void {
    for (const call of [...this.#calls]) this.#giveUp(call, new PoolClosedError({ what: call.what }));
  }

  /** Ends the thread; nothing is taken any more. */
  async end(): Promise<void> {
    if (this.#end !== undefined) return;
    this.cut();
    this.#over(new PoolClosedError({ what: this.#options.name }), 'closed');
    await this.#thread.end();
  }

  #over(reason: Error, why: 'failed' | 'lost' | 'closed'): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    for (const call of [...this.#calls])
      this.#settle(call, false, why === 'failed' ? reason : this.#loss(call, reason));
    this.#patience.stop();
    this.#options.onOver(why === 'lost');
  }

  #loss(call: WrapCall, cause: Error): Error {
    const outcome = this.#patience.isWaiting(call) ? 'not-committed' : 'unknown';
    return new LaneLostError({ what: call.what, reason: cause.message }, { cause, outcome });
  }
}
