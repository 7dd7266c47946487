import { receiveMessageOnPort } from 'node:worker_threads';
import {
  DatabaseError,
  LeaseEndedError,
  type OffthreadError,
  ReadOnlyError,
  showSql,
  TransactionLostError,
} from '../lib/errors.js';
import type { Isolation } from '../lib/plan/isolation.js';
import { type AnyPlan, type CallPlan, type ControlPlan, heldTooLong, type LeasePlan } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import type { BatchReader, SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import type { ToLane } from '../lib/wire/message.js';
import { execute, writes } from './execute.js';
import { answer, Cancelled, claim, cleanUp, endIfClosed, type Lane, post, refuseClosed, refuseUnfit } from './lane.js';
import { runStreamWithin } from './stream.js';

/** A transaction that is open for one caller, from one message of his to the next. */
interface Lease {
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

const DONE: Answer = { kind: 'value', value: { value: undefined, mended: undefined, weight: 1 } };
const SKIPPED: Answer = { kind: 'skipped' };

/**
 * Holds a transaction for one caller until he ends it, a limit is over or he is gone, and serves nobody else meanwhile. The
 * limits are kept here, so that they hold while the caller's thread hangs.
 */
export function runLease(lane: Lane, reader: BatchReader, sent: SentPlan<LeasePlan>): 'let go' | 'closed' {
  const { slot, plan } = sent;
  refuseUnfit(lane);
  if (!claim(lane, slot)) return 'let go';
  const start = now();
  const lease: Lease = {
    lane,
    slot,
    plan,
    limit: start + plan.totalTimeout,
    restsSince: start,
    hadRaw: false,
    end: undefined,
  };
  const isRestricted = plan.access === 'read' && lane.role === 'both';
  if (isRestricted) lane.connection.restrict('read');
  try {
    begin(lease, sent);
    return lease.end === undefined ? serveHolder(lease, reader) : 'let go';
  } finally {
    finish(lease);
    if (isRestricted) lane.connection.restrict('write');
    endIfClosed(lane);
  }
}

function begin(lease: Lease, { plan, isolation }: SentPlan<LeasePlan>): void {
  const { lane, slot, limit } = lease;
  const { connection, focus, port } = lane;
  focus.limit = { at: limit, exceeded: () => heldTooLong(plan) };
  focus.on(slot);
  try {
    focus.check();
    connection.begin(plan.access, isolation);
    lane.holder = { left: () => left(lease), lose: () => endBy(lease, overdue(lease)) };
    lease.restsSince = now();
    port.postMessage({ kind: 'taken', slot });
  } catch (error) {
    lease.end = toAnswer(lane, error);
  } finally {
    focus.off();
  }
}

/** Milliseconds that are left until it is too long, or has been left alone for too long. */
const left = ({ plan, limit, restsSince }: Lease): number => Math.min(limit, restsSince + plan.idleTimeout) - now();

function serveHolder(lease: Lease, reader: BatchReader): 'let go' | 'closed' {
  const { lane, slot } = lease;
  const { cell, port } = lane;
  for (;;) {
    cell.quiet();
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const message = received.message as ToLane;
      if (message.kind === 'close') return 'closed';
      const plans = reader.read(message);
      lane.focus.logs.expect(plans);
      for (const each of plans) runWithin(lease, each);
      // Whoever is told of its COMMIT finds the lane free: both go together.
      if (lease.end === undefined) post(lane);
      lease.restsSince = now();
    }
    if (lease.end !== undefined) return 'let go';
    if (cell.stateOf(slot) === State.cancelled) lease.end = SKIPPED;
    else if (left(lease) <= 0) endBy(lease, overdue(lease));
    else cell.listen(left(lease));
    if (lease.end !== undefined) return 'let go';
  }
}

/** Whatever is still open is undone; the lane is as it was for the next one. */
function finish(lease: Lease): void {
  const { lane, slot, hadRaw, end = SKIPPED } = lease;
  const { cell, focus } = lane;
  lane.holder = undefined;
  focus.limit = undefined;
  rollBack(lease);
  cleanUp(lane, hadRaw);
  cell.move(slot, State.running, State.committed);
  answer(lane, slot, end);
  post(lane);
}

/** On behalf of the lease itself: it may have been given up, and what was given up is undone nevertheless. */
function rollBack({ lane, slot }: Lease): void {
  lane.focus.on(slot);
  lane.connection.rollback();
  lane.focus.off();
}

/** Undone at once: a lock is not held any longer because somebody has to be told. */
function endBy(lease: Lease, error: Error): void {
  rollBack(lease);
  lease.end ??= { kind: 'fault', fault: toFault(error) };
}

// ── What its caller asks for ───────────────────────────────────────────────────────────────────────────────────────

function runWithin(lease: Lease, sent: SentPlan<CallPlan>): void {
  const { lane, limit } = lease;
  if (lease.end === undefined && now() >= limit) endBy(lease, overdue(lease));
  if (lease.end !== undefined) return answer(lane, sent.slot, lease.end.kind === 'fault' ? lease.end : SKIPPED);
  if (!claim(lane, sent.slot)) return;
  answer(lane, sent.slot, outcomeOf(lease, sent));
}

function outcomeOf(lease: Lease, sent: SentPlan<CallPlan>): Answer {
  const { slot, plan } = sent;
  const { lane } = lease;
  const { connection, focus } = lane;
  focus.on(slot);
  try {
    focus.check();
    if (plan.kind === 'control') return control(lease, { ...sent, plan });
    if (plan.kind === 'lease') throw new TypeError('a lease within a lease');
    if (plan.kind === 'stream') return runStreamWithin(lane, { ...sent, plan }, () => (lease.hadRaw = true));
    return runPlan(lease, slot, plan);
  } catch (error) {
    const told = explain(lease, connection.toError(error));
    if (told instanceof LeaseEndedError) endBy(lease, told);
    else if (!connection.inTransaction) endBy(lease, lost(lease, told));
    return toAnswer(lane, told);
  } finally {
    focus.off();
  }
}

/** In a savepoint, so that a failure undoes this alone. A server undoes a statement that fails by itself. */
function runPlan(lease: Lease, slot: number, plan: AnyPlan): Answer {
  const { lane } = lease;
  const { connection, cell } = lane;
  const isGuarded = plan.kind !== 'query' || (connection.groupsWrites && writes(lane, plan));
  if (isGuarded) connection.savepoint();
  try {
    const result = execute(lane, plan, { access: lease.plan.access, beforeRaw: () => (lease.hadRaw = true) });
    refuseClosed(lane, plan);
    if (result.kind === 'handed-on') throw new ReadOnlyError({ what: 'The lease', wrote: textOf(plan) });
    if (!connection.inTransaction) throw new TransactionLostError({ what: 'The call' }, outcome(lane));
    if (!cell.move(slot, State.running, State.committed)) throw new Cancelled();
    if (isGuarded) connection.release();
    return result;
  } catch (error) {
    if (isGuarded && connection.inTransaction) undoTo(lease);
    throw error;
  }
}

/** Back to the savepoint; where that is not there any more, nobody knows what is still to be undone. */
function undoTo(lease: Lease): void {
  const { lane, slot } = lease;
  lane.focus.on(slot);
  try {
    lane.connection.rollbackToSavepoint();
  } catch {
    lane.connection.rollback();
  }
}

function control(lease: Lease, { slot, plan: { action }, isolation }: SentPlan<ControlPlan>): Answer {
  const { connection, cell } = lease.lane;
  switch (action) {
    case 'commit':
      commit(lease, slot);
      lease.end = DONE;
      return DONE;
    case 'commit and chain':
      commit(lease, slot);
      beginAgain(lease, isolation);
      return DONE;
    case 'rollback':
      rollBack(lease);
      lease.end = DONE;
      break;
    case 'rollback and chain':
      rollBack(lease);
      beginAgain(lease, isolation);
      break;
    case 'savepoint':
      connection.savepoint();
      break;
    case 'release':
      connection.release();
      break;
    case 'rollback to savepoint':
      connection.rollbackToSavepoint();
      break;
    default:
      action satisfies never;
  }
  cell.move(slot, State.running, State.committed);
  return DONE;
}

function commit(lease: Lease, slot: number): void {
  const { lane, plan } = lease;
  const { connection, cell } = lane;
  if (!cell.move(slot, State.running, State.committing)) throw new Cancelled();
  try {
    if (plan.access === 'read') connection.rollback();
    else connection.commit();
    cell.move(slot, State.committing, State.committed);
  } catch (error) {
    const told = connection.toError(error);
    endBy(lease, lost(lease, told));
    cell.move(slot, State.committing, State.running);
    throw told;
  }
}

/** Behind a transaction whose end is to be told as it was, also where there is not another one. */
function beginAgain(lease: Lease, isolation: Isolation | undefined): void {
  const { lane, plan } = lease;
  try {
    lane.connection.begin(plan.access, isolation);
  } catch (error) {
    endBy(lease, lost(lease, lane.connection.toError(error)));
  }
}

// ── What is told ───────────────────────────────────────────────────────────────────────────────────────────────────

function toAnswer({ connection }: Lane, error: unknown): Answer {
  return error instanceof Cancelled ? SKIPPED : { kind: 'fault', fault: toFault(connection.toError(error)) };
}

const outcome = ({ connection }: Lane) => ({
  outcome: connection.mayHaveCommitted ? ('unknown' as const) : ('not-committed' as const),
});
/** What only the lease can tell of an error. */
function explain({ plan }: Lease, error: unknown): unknown {
  const isForbidden = error instanceof ReadOnlyError || (error instanceof DatabaseError && error.kind === 'read-only');
  if (plan.access === 'write' || !isForbidden) return error;
  const { what, wrote } =
    error instanceof DatabaseError ? { what: 'The lease', wrote: showSql(error.sql ?? '') } : error;
  return new ReadOnlyError({ what, wrote, wayOut: "Take the lease with { access: 'write' }." }, { cause: error });
}
const textOf = (plan: AnyPlan): string => (plan.kind === 'query' ? showSql(plan.sql) : 'one of the list');

const overdue = ({ plan, limit }: Lease): Error => (now() >= limit ? heldTooLong(plan) : idleTooLong(plan));
const idleTooLong = ({ idleTimeout }: LeasePlan): Error =>
  new LeaseEndedError({
    reason: 'idle',
    why: `nothing was asked of it for idleTimeout = ${idleTimeout} ms, so it was rolled back`,
  });
/** The database ended its transaction, by what it tells of one call. */
function lost({ lane }: Lease, cause: unknown): Error {
  const hasCause = cause instanceof Error && !(cause instanceof Cancelled);
  const isUnknown = hasCause && (cause as Partial<OffthreadError>).outcome === 'unknown';
  const name = cause instanceof DatabaseError ? cause.code : hasCause ? cause.name : 'it was stopped';
  const why = `its transaction was lost with a call that failed (${name})`;
  return new LeaseEndedError(
    { reason: 'lost', why },
    { ...(hasCause && { cause }), ...(isUnknown ? { outcome: 'unknown' } : outcome(lane)) },
  );
}
