import { LeaseEndedError } from '../errors.js';
import type { ControlPlan } from '../plan/plan.js';
import { type Hold, newCall, newHold, rejectCall } from './call.js';
import { Caller, type Shared } from './caller.js';
import type { Dispatcher } from './dispatcher.js';
import type { Call, Lane } from './lane.js';
import type { LeaseSettings } from './lease-options.js';
import type { CallSettings } from './options.js';
import { framesHere, joinStack } from './stack.js';

/** The transaction of a lease, whose end everybody is told who asks for more. */
class Tenancy {
  readonly hold: Hold<Lane>;
  readonly #dispatcher: Dispatcher;
  readonly #settings: CallSettings;
  /** Why nothing more can be done in it. */
  end: { readonly reason: unknown } | undefined;

  constructor(dispatcher: Dispatcher, settings: CallSettings, call: Call, onTaken: () => void) {
    this.#dispatcher = dispatcher;
    this.#settings = settings;
    this.hold = newHold(call, {
      onTaken,
      onEnded: (outcome, told) => {
        this.end ??= { reason: outcome === 'rejected' ? told : rolledBack() };
      },
    });
  }

  submit(call: Call): void {
    if (this.end !== undefined) return rejectCall(call, this.end.reason);
    this.#send(call);
  }
  #send(call: Call): void {
    call.hold = this.hold;
    this.#dispatcher.submitWithin(call, this.hold);
  }

  #control(action: ControlPlan['action']): Promise<unknown> {
    const call: Call = newCall({ kind: 'control', action, access: 'write' }, this.#settings);
    this.#send(call);
    return call.promise;
  }

  async commit(): Promise<void> {
    if (this.end !== undefined) throw joinStack(this.end.reason);
    this.end = { reason: committed() };
    try {
      await this.#control('commit');
    } catch (error) {
      this.end = { reason: error };
      throw error;
    }
  }

  async rollback(): Promise<void> {
    if (this.end !== undefined) return;
    this.end = { reason: rolledBack() };
    try {
      await this.#control('rollback');
    } catch {
      // Whatever has ended it before, it was not committed.
    }
  }
}

const committed = () => new LeaseEndedError({ reason: 'committed', why: 'it was committed' });
const rolledBack = () => new LeaseEndedError({ reason: 'rolled back', why: 'it was rolled back' });

/** A lane for one caller, as he sees it. */
export class OpenLease extends Caller {
  readonly #tenancy: Tenancy;

  constructor(tenancy: Tenancy, shared: Shared, settings: CallSettings) {
    super(shared, settings);
    this.#tenancy = tenancy;
  }

  commit(): Promise<void> {
    return this.#tenancy.commit();
  }
  rollback(): Promise<void> {
    const { end } = this.#tenancy;
    if (end?.reason instanceof LeaseEndedError && end.reason.reason === 'committed') return Promise.reject(end.reason);
    return this.#tenancy.rollback();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#tenancy.rollback();
  }
}

/** Asks for a lane; resolves when it is there, and its transaction open. */
export function takeLease(dispatcher: Dispatcher, shared: Shared, settings: LeaseSettings): Promise<OpenLease> {
  const { plan, taking, within } = settings;
  const frames = framesHere();
  const { signal } = taking;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const call: Call = newCall(plan, taking);
    const tenancy = new Tenancy(dispatcher, within, call, () => {
      const { entries, dialect } = shared;
      const own: Shared = { entries, dialect, isClosed: false, submit: (each) => tenancy.submit(each) };
      resolve(new OpenLease(tenancy, own, within));
    });
    // Once it is taken, whoever asks for more is told.
    call.promise.catch((error) => reject(error === signal?.reason ? error : joinStack(error, frames)));
    dispatcher.submit(call);
  });
}
