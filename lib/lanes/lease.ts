import { LeaseEndedError } from '../errors.js';
import type { Isolation } from '../plan/isolation.js';
import { newCall } from './call.js';
import type { CallSettings } from './call-settings.js';
import { Caller, type Shared } from './caller.js';
import type { Dispatcher } from './dispatcher.js';
import { watchLease } from './forgotten.js';
import { becomeHolder, leaveEnded } from './holder.js';
import type { Call } from './lane.js';
import type { LeaseSettings } from './lease-options.js';
import type { Scope } from './scopes.js';
import { callersHere, joinStack } from './stack.js';
import { Tenancy } from './tenancy.js';

/** A lane for one caller, as he sees it; or as it is seen within a savepoint of it. */
export class OpenLease extends Caller {
  readonly #tenancy: Tenancy;
  readonly #scope: Scope;
  readonly #shared: Shared;
  readonly #settings: CallSettings;

  constructor(tenancy: Tenancy, scope: Scope, shared: Shared, settings: CallSettings) {
    super(shared, settings);
    this.#tenancy = tenancy;
    this.#scope = scope;
    this.#shared = shared;
    this.#settings = settings;
  }

  savepoint<R>(work: (lease: OpenLease) => R | PromiseLike<R>): Promise<R> {
    const shared = this.#shared;
    return this.#tenancy.savepoint(this.#scope, (scope) =>
      work(new OpenLease(this.#tenancy, scope, sharedIn(this.#tenancy, scope, shared), this.#settings)),
    );
  }
  commit(): Promise<void> {
    return this.#tenancy.commit(this.#scope);
  }
  rollback(): Promise<void> {
    if (!this.#tenancy.isCommitted) return this.#tenancy.rollback();
    return Promise.reject(
      joinStack(new LeaseEndedError({ reason: 'committed', why: 'it was committed, and cannot be rolled back' })),
    );
  }
  /** Commits what was done, or undoes it, and keeps the lane with another transaction, of this isolation level. */
  chain(action: 'commit' | 'rollback', isolation?: Isolation): Promise<void> {
    return this.#tenancy.chain(action, isolation);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#tenancy.rollback();
  }
}

/** As long as somebody has one of these, the lease is not forgotten. */
interface LeaseShared extends Shared {
  readonly outer: Shared;
}
const sharedIn = (tenancy: Tenancy, scope: Scope, outer: Shared): LeaseShared => ({
  entries: outer.entries,
  journal: outer.journal,
  dialect: outer.dialect,
  // Also while the pool closes: it waits for those who have a lease.
  isClosed: false,
  submit: (call) => tenancy.submit(call, scope),
  streams: { ...outer.streams, submit: (call) => tenancy.submit(call, scope) },
  outer,
});

export interface Taken {
  readonly lease: OpenLease;
  readonly tenancy: Tenancy;
  /** Rejects where something has ended it that its caller did not ask for. */
  readonly ended: Promise<never>;
}

/** Asks for a lane; resolves when it is there, and its transaction open. */
export function takeLease(
  dispatcher: Dispatcher,
  pool: Shared,
  settings: LeaseSettings,
  byHand?: 'by hand',
): Promise<Taken> {
  const { plan, taking, within } = settings;
  const { signal } = taking;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const frames = callersHere();
  leaveEnded();
  const call: Call = newCall(plan, taking);
  let end!: (reason: unknown) => void;
  const ended = new Promise<never>((_, onEnd) => (end = onEnd));
  ended.catch(() => {});
  let onTaken!: () => void;
  const taken = new Promise<void>((resolve, reject) => {
    onTaken = resolve;
    // Once it is taken, whoever asks for more is told.
    call.promise.catch((error) => reject(error === signal?.reason ? error : joinStack(error, frames)));
  });
  const tenancy = new Tenancy(dispatcher, within, call, frames, {
    onTaken,
    onEnded: (outcome, told) => {
      if (outcome === 'rejected') end(told);
    },
  });
  pool.journal.follow(call, () => dispatcher.submit(call));
  if (byHand !== undefined) becomeHolder(tenancy.hold, tenancy.root);
  // Nothing that lives as long as the lease may know what its caller gets: else he could not forget it.
  return taken.then(() => {
    const shared = sharedIn(tenancy, tenancy.root, pool);
    watchLease(shared, tenancy);
    return { lease: new OpenLease(tenancy, tenancy.root, shared, within), tenancy, ended };
  });
}
