import { CallError, LeaseEndedError, type OffthreadError, optionError } from '../errors.js';
import type { Isolation } from '../plan/isolation.js';
import { type ControlPlan, nameOf } from '../plan/plan.js';
import { type Hold, type HoldEvents, newCall, newHold, rejectCall } from './call.js';
import type { CallSettings } from './call-settings.js';
import type { Dispatcher } from './dispatcher.js';
import { leaveLease } from './forgotten.js';
import { holders, runAsHolder } from './holder.js';
import type { Call, Lane } from './lane.js';
import { liesWithin, type Scope, Scopes } from './scopes.js';

/** The open transaction of a lease: what is done in it, in which order, and how it ended. */
export class Tenancy {
  readonly hold: Hold<Lane>;
  readonly #scopes = new Scopes();
  readonly #dispatcher: Dispatcher;
  readonly #settings: CallSettings;
  /** Why nothing more can be done in it, and whether somebody was told, or knows. */
  #end: { readonly reason: unknown; isKnown: boolean } | undefined;
  /** The stream that was begun last: until its end its lane does nothing else. */
  #stream: Call | undefined;

  /** @param settings of the calls that commit it, or roll it back */
  constructor(
    dispatcher: Dispatcher,
    settings: CallSettings,
    call: Call,
    frames: readonly string[],
    { onTaken, onEnded }: HoldEvents,
  ) {
    this.#dispatcher = dispatcher;
    this.#settings = settings;
    this.hold = newHold(call, frames, {
      onTaken,
      onEnded: (outcome, told) => {
        if (outcome === 'rejected') this.#finish(told, !isExpiry(told));
        else if (this.#end === undefined) this.#finish(rolledBack(), true);
        onEnded(outcome, told);
      },
    });
  }

  get root(): Scope {
    return this.#scopes.root;
  }
  get isEndedByCaller(): boolean {
    const reason = this.#end?.reason;
    return reason instanceof LeaseEndedError && (reason.reason === 'committed' || reason.reason === 'rolled back');
  }
  get isOver(): boolean {
    return this.#end !== undefined;
  }
  get isCommitted(): boolean {
    return isCommit(this.#end?.reason);
  }
  get isUntold(): boolean {
    return this.#end !== undefined && !this.#end.isKnown && !this.hold.isEndTold;
  }

  #finish(reason: unknown, isKnown: boolean): void {
    this.#end = { reason, isKnown };
    if (isKnown) leaveLease(this);
    this.#scopes.end();
  }
  /** Why nothing can be done in it. */
  #tell(): unknown {
    if (this.#end === undefined) return undefined;
    this.#end.isKnown = true;
    leaveLease(this);
    return this.#end.reason;
  }

  // ── What is done in it ───────────────────────────────────────────────────────────────────────────────────────────

  /** Where a call belongs that was made through this scope: to a savepoint within it, if that function makes it. */
  #scopeOf(scope: Scope): Scope {
    if (this.#scopes.isOpen(this.root)) return scope;
    for (const holder of holders())
      if (holder.hold === this.hold) return liesWithin(holder.scope, scope) ? holder.scope : scope;
    return scope;
  }

  submit(call: Call, scope: Scope): void {
    this.#scopes.when(this.#scopeOf(scope), () => {
      const { signal } = call.settings;
      if (call.isSettled) return;
      const refusal = refusalOf(call);
      if (refusal !== undefined) rejectCall(call, refusal);
      else if (this.isOver) rejectCall(call, this.#tell());
      else if (scope.isOver) rejectCall(call, savepointIsOver());
      else if (this.#isStreaming) rejectCall(call, streamIsOpen(this.#stream as Call));
      else if (signal?.aborted) rejectCall(call, signal.reason);
      else this.#send(call);
    });
  }
  get #isStreaming(): boolean {
    return this.#stream !== undefined && !this.#stream.isSettled;
  }
  #send(call: Call): void {
    call.hold = this.hold;
    if (call.plan.kind === 'stream') this.#stream = call;
    this.#dispatcher.submitWithin(call, this.hold);
  }
  /** Behind what was asked for before. */
  #endBy(action: 'commit' | 'rollback'): Promise<unknown> {
    this.hold.isEnding = true;
    return this.#control(action);
  }
  #control(action: ControlPlan['action'], settings = this.#settings): Promise<unknown> {
    if (this.#isStreaming) this.#dispatcher.leave(this.#stream as Call);
    const call: Call = newCall({ kind: 'control', action, access: 'write' }, settings);
    this.#send(call);
    return call.promise;
  }

  /** Runs a function in a savepoint. */
  async savepoint<R>(outer: Scope, work: (scope: Scope) => R | PromiseLike<R>): Promise<R> {
    const scope = await this.#inTurn(outer, () => this.#openSavepoint());
    let result: R;
    try {
      result = await runAsHolder(this.hold, scope, () => work(scope));
    } catch (error) {
      // The error that led here is the one to tell; where there is no savepoint any more, there is no transaction either.
      await this.#closeSavepoint(scope, 'rollback to savepoint').catch(() => {});
      throw error;
    }
    await this.#closeSavepoint(scope, 'release');
    return result;
  }
  async #openSavepoint(): Promise<Scope> {
    const scope = this.#scopes.open();
    try {
      await this.#control('savepoint');
      return scope;
    } catch (error) {
      this.#scopes.close();
      throw error;
    }
  }
  /** Behind those within it that nobody waited for. */
  #closeSavepoint(scope: Scope, action: 'release' | 'rollback to savepoint'): Promise<void> {
    return this.#inTurn(scope, async () => {
      scope.isOver = true;
      try {
        await this.#control(action);
      } finally {
        this.#scopes.close();
      }
    });
  }

  #inTurn<R>(scope: Scope, work: () => Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#scopes.when(this.#scopeOf(scope), () => {
        if (this.isOver) reject(this.#tell());
        else if (scope.isOver) reject(savepointIsOver());
        else work().then(resolve, reject);
      });
    });
  }

  /** Ends the transaction, and begins another one in its place. */
  chain(action: 'commit' | 'rollback', isolation: Isolation | undefined): Promise<void> {
    const settings = { ...this.#settings, isolation };
    return this.#inTurn(this.root, async () => void (await this.#control(`${action} and chain`, settings)));
  }

  // ── Its end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  commit(scope: Scope): Promise<void> {
    if (this.#scopeOf(scope) !== this.root) return Promise.reject(commitInSavepoint());
    return this.#inTurn(scope, async () => {
      const done = this.#endBy('commit');
      this.#finish(committed(), true);
      try {
        await done;
      } catch (error) {
        this.#giveUp(error);
        throw error;
      }
    });
  }

  /** Behind what was asked for before; what waits for its turn is not done any more. */
  async rollback(): Promise<void> {
    if (this.#end !== undefined) return void this.#tell();
    const done = this.#endBy('rollback');
    this.#finish(rolledBack(), true);
    try {
      await done;
    } catch (error) {
      // Whatever has ended it before, it was not committed.
      this.#giveUp(error);
    }
  }

  /** Nobody can end it any more but the pool. */
  #giveUp(error: unknown): void {
    if (this.isCommitted) this.#finish(notCommitted(error), true);
    this.#dispatcher.giveUp(this.hold.call, this.#end?.reason);
  }

  /** Nobody has it any more. */
  async forget(reason: Error): Promise<void> {
    await Promise.allSettled(this.#dispatcher.callsWithin(this.hold).map(({ promise }) => promise));
    this.#dispatcher.giveUp(this.hold.call, reason);
  }
}

const committed = () => new LeaseEndedError({ reason: 'committed', why: 'it was committed' });
const rolledBack = () => new LeaseEndedError({ reason: 'rolled back', why: 'it was rolled back' });
const notCommitted = (cause: unknown) =>
  new LeaseEndedError(
    { reason: 'lost', why: 'its commit failed' },
    { cause, outcome: (cause as Partial<OffthreadError> | undefined)?.outcome ?? 'not-committed' },
  );
const isCommit = (reason: unknown): boolean => reason instanceof LeaseEndedError && reason.reason === 'committed';
/** One that came without a call of its caller's. */
const isExpiry = (reason: unknown): boolean =>
  reason instanceof LeaseEndedError && (reason.reason === 'idle' || reason.reason === 'total');

const streamIsOpen = ({ plan }: Call) =>
  new CallError({
    call: 'A lease',
    problem: `was asked for more while ${nameOf(plan)} was still open on it`,
    wayOut: 'Take it to its end, or end it with break, before the next call of the lease.',
  });

/** What belongs to the whole transaction cannot be said of a part of it. */
function refusalOf({ settings: { transaction, isolation } }: Call): Error | undefined {
  if (!transaction) return optionError('range', 'transaction', false, 'left out within a lease, which is one');
  if (isolation === undefined) return undefined;
  return optionError('range', 'isolation', isolation, 'left out within a lease: pool.lease({ isolation })');
}

const savepointIsOver = () =>
  new CallError({
    call: 'The lease of a savepoint',
    problem: 'was used after the savepoint had ended',
    wayOut: 'Await everything in the function, or use the lease itself.',
  });
const commitInSavepoint = () =>
  new CallError({
    call: 'lease.commit()',
    problem: 'was called in a savepoint, which is only a part of the transaction',
    wayOut: 'Return from the function to keep its work, throw to undo it, and commit the lease behind it.',
  });
