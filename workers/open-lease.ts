import { DatabaseError, LeaseEndedError, type OffthreadError, ReadOnlyError, showSql } from '../lib/errors.js';
import { heldTooLong, type LeasePlan } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { Cancelled, type Lane } from './lane.js';

/** A transaction that is open for one caller, from one message of his to the next. */
export interface Lease {
  readonly lane: Lane;
  readonly slot: number;
  readonly plan: LeasePlan;
  /** When it has lasted too long. */
  readonly limit: number;
  /** When its caller last had an answer. */
  restsSince: number;
  hadRaw: boolean;
  /** What its caller is told of its end, once that has come. */
  end: Answer | undefined;
}

/** Milliseconds that are left until it is too long, or has been left alone for too long. */
export const left = ({ plan, limit, restsSince }: Lease): number =>
  Math.min(limit, restsSince + plan.idleTimeout) - now();

/** On behalf of the lease itself: it may have been given up, and what was given up is undone nevertheless. */
export function rollBack({ lane, slot }: Lease): void {
  lane.focus.on(slot);
  lane.connection.rollback();
  lane.focus.off();
}

/** Undone at once: a lock is not held any longer because somebody has to be told. */
export function endBy(lease: Lease, error: Error): void {
  rollBack(lease);
  lease.end ??= { kind: 'fault', fault: toFault(error) };
}

// ── What is told of it ─────────────────────────────────────────────────────────────────────────────────────────────

export const SKIPPED: Answer = { kind: 'skipped' };
export function toAnswer({ connection }: Lane, error: unknown): Answer {
  return error instanceof Cancelled ? SKIPPED : { kind: 'fault', fault: toFault(connection.toError(error)) };
}

export const outcome = ({ connection }: Lane) => ({
  outcome: connection.mayHaveCommitted ? ('unknown' as const) : ('not-committed' as const),
});
/** What only the lease can tell of an error. */
export function explain({ plan }: Lease, error: unknown): unknown {
  const isForbidden = error instanceof ReadOnlyError || (error instanceof DatabaseError && error.kind === 'read-only');
  if (plan.access === 'write' || !isForbidden) return error;
  const { what, wrote } =
    error instanceof DatabaseError ? { what: 'The lease', wrote: showSql(error.sql ?? '') } : error;
  return new ReadOnlyError({ what, wrote, wayOut: "Take the lease with { access: 'write' }." }, { cause: error });
}

export const overdue = ({ plan, limit }: Lease): Error => (now() >= limit ? heldTooLong(plan) : idleTooLong(plan));
const idleTooLong = ({ idleTimeout }: LeasePlan): Error =>
  new LeaseEndedError({
    reason: 'idle',
    why: `nothing was asked of it for idleTimeout = ${idleTimeout} ms, so it was rolled back`,
  });
/** The database ended its transaction, by what it tells of one call. */
export function lost({ lane }: Lease, cause: unknown): Error {
  const hasCause = cause instanceof Error && !(cause instanceof Cancelled);
  const isUnknown = hasCause && (cause as Partial<OffthreadError>).outcome === 'unknown';
  const name = cause instanceof DatabaseError ? cause.code : hasCause ? cause.name : 'it was stopped';
  const why = `its transaction was lost with a call that failed (${name})`;
  return new LeaseEndedError(
    { reason: 'lost', why },
    { ...(hasCause && { cause }), ...(isUnknown ? { outcome: 'unknown' } : outcome(lane)) },
  );
}
