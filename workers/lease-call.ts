import { LeaseEndedError, ReadOnlyError, showSql, TransactionLostError } from '../lib/errors.js';
import type { Isolation } from '../lib/plan/isolation.js';
import type { AnyPlan, CallPlan, ControlPlan } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { execute, writes } from './execute.js';
import { answer, Cancelled, claim, DONE, refuseClosed } from './lane.js';
import { endBy, explain, type Lease, lost, outcome, overdue, rollBack, SKIPPED, toAnswer } from './open-lease.js';
import { runStreamWithin } from './stream.js';

/** What the caller of a lease asks for, in its transaction. */
export function runWithin(lease: Lease, sent: SentPlan<CallPlan>): void {
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

const textOf = (plan: AnyPlan): string => (plan.kind === 'query' ? showSql(plan.sql) : 'one of the list');

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
