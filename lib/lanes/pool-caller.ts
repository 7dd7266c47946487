import { optionError, PoolClosedError } from '../errors.js';
import type { CallOptions } from '../plan/call-options.js';
import type { LeaseOptions, TransactionOptions } from '../plan/lease.js';
import { nameOf } from '../plan/plan.js';
import { type CallSettings, readDefaults } from './call-settings.js';
import { Caller, type Shared } from './caller.js';
import type { Dispatcher } from './dispatcher.js';
import { type OpenLease, takeLease } from './lease.js';
import { type LeaseSettings, readLeaseOptions } from './lease-options.js';
import { joinStack } from './stack.js';
import { runTransaction } from './transaction.js';

/** A caller of the whole pool, who can also take a lane of it. */
export class PoolCaller extends Caller {
  readonly #dispatcher: Dispatcher;
  readonly #shared: Shared;
  readonly #settings: CallSettings;

  constructor(dispatcher: Dispatcher, shared: Shared, settings: CallSettings) {
    super(shared, settings);
    this.#dispatcher = dispatcher;
    this.#shared = shared;
    this.#settings = settings;
  }

  override with(options: CallOptions): PoolCaller {
    return new PoolCaller(this.#dispatcher, this.#shared, readDefaults(options, this.#settings));
  }

  lease(options?: LeaseOptions): Promise<OpenLease> {
    try {
      const settings = this.#leaseSettings(options, 'lease');
      return takeLease(this.#dispatcher, this.#shared, settings, 'by hand').then(({ lease }) => lease);
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }
  transaction<R>(work: (lease: OpenLease) => R | PromiseLike<R>, options?: TransactionOptions): Promise<R> {
    try {
      if (typeof work !== 'function') throw optionError('type', 'transaction(fn)', work, 'a function of a lease');
      return runTransaction(this.#dispatcher, this.#shared, this.#leaseSettings(options, 'transaction'), work);
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }
  #leaseSettings(options: TransactionOptions | undefined, of: 'lease' | 'transaction'): LeaseSettings {
    const settings = readLeaseOptions(options, this.#settings, of);
    if (this.#shared.isClosed) throw new PoolClosedError({ what: nameOf(settings.plan) });
    return settings;
  }
}
