import { AsyncLocalStorage } from 'node:async_hooks';
import type { Hold } from './call.js';
import type { Lane } from './lane.js';
import type { Scope } from './scopes.js';

/** A lease as part of whose work something runs. */
export interface Holder {
  readonly hold: Hold<Lane>;
  readonly scope: Scope;
  /**
   * It runs in a function that was given the lease. Else it only came after somebody asked for one: that may have been a function
   * which is not waited for.
   */
  readonly isSure: boolean;
  /** The one around it. */
  readonly outer: Holder | undefined;
}

const storage = new AsyncLocalStorage<Holder | undefined>();

/** The leases that whoever runs now holds, as far as is known, the innermost first. */
export function* holders(): Generator<Holder> {
  for (let holder = storage.getStore(); holder !== undefined; holder = holder.outer) if (isLive(holder)) yield holder;
}
const isLive = ({ hold }: Holder): boolean => hold.isTaken && !hold.call.isSettled;

/** Runs a function that was given a lease. */
export function runAsHolder<R>(hold: Hold<Lane>, scope: Scope, work: () => R): R {
  return storage.run({ hold, scope, isSure: true, outer: current() }, work);
}
/** From here on the caller holds a lease, once he has got it. */
export function becomeHolder(hold: Hold<Lane>, scope: Scope): void {
  // One that is not there yet was asked for by another function, which has returned: it is not the holder of that.
  storage.enterWith({ hold, scope, isSure: false, outer: current() });
}

/**
 * From here on the caller holds none that has ended: what is made in his name would keep that one, and so each lease of a loop
 * the one before.
 */
export function leaveEnded(): void {
  const innermost = storage.getStore();
  let holder = innermost;
  while (holder?.hold.call.isSettled) holder = holder.outer;
  if (holder !== innermost) storage.enterWith(holder);
}

function current(): Holder | undefined {
  const [innermost] = holders();
  return innermost;
}
