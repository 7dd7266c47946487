import type { Access } from '../plan/plan.js';
import type { Session } from './session.js';
import type { Sync } from './sync.js';

const access: unique symbol = Symbol.for('offthread.access');

/** A synchronous function of a session and of what the caller sent: it runs in one transaction, whole or not at all. */
export type Unit<A extends unknown[], R> = ((session: Session, ...args: A) => R) & {
  readonly [access]?: 'read' | 'write';
};

/** A unit that only reads: it runs beside others, on a connection that cannot write. */
export function read<A extends unknown[], R>(work: (session: Session, ...args: A) => R & Sync<R>): Unit<A, R> {
  return mark(work, 'read') as Unit<A, R>;
}
/** A unit that writes; what is not marked is one too. */
export function write<A extends unknown[], R>(work: (session: Session, ...args: A) => R & Sync<R>): Unit<A, R> {
  return mark(work, 'write') as Unit<A, R>;
}

function mark(work: object, value: Access): unknown {
  return Object.defineProperty(work, access, { value, configurable: true });
}

/** How a unit was marked; unmarked is a write. */
export const accessOf = (work: object): 'read' | 'write' =>
  (work as { [access]?: 'read' | 'write' })[access] ?? 'write';
