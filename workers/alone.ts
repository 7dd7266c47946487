import { DatabaseError, TransactionLostError } from '../lib/errors.js';
import { nameOf } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import { NO_TRANSACTION, type SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { type Company, execute } from './execute.js';
import { answer, Cancelled, endIfClosed, type Lane, post, refuseClosed } from './lane.js';

/** One after the other, each answered before the next can keep it waiting. */
export function runEachAlone(lane: Lane, plans: readonly SentPlan[]): void {
  for (const sent of plans) {
    post(lane);
    runAlone(lane, sent);
  }
}

export function undo({ connection, focus }: Lane): void {
  focus.off();
  connection.rollback();
}

/** One plan in its own transaction, again and again while the database rolls it back whole and retries are left. */
export function runAlone(lane: Lane, sent: SentPlan): void {
  const { focus } = lane;
  for (let attempt = 0; ; attempt++) {
    focus.on(sent.slot);
    const outcome = sent.retries === NO_TRANSACTION ? runBare(lane, sent) : runOnce(lane, sent, attempt < sent.retries);
    focus.off();
    if (outcome === 'again') continue;
    answer(lane, sent.slot, outcome);
    endIfClosed(lane);
    return;
  }
}

function runOnce(lane: Lane, sent: SentPlan, mayRetry: boolean): Answer | 'again' {
  const { slot, plan } = sent;
  const { connection, cell, focus } = lane;
  let hadRaw = false;
  try {
    focus.check();
    connection.begin('write');
    const start = now();
    const result = execute(lane, plan, { access: 'write', beforeRaw: () => (hadRaw = true) });
    lane.habits.ran(lane.habits.of(plan), now() - start);
    refuseClosed(lane, plan);
    if (!connection.inTransaction) return lost(lane, sent, hadRaw);
    if (!cell.move(slot, State.running, State.committing)) throw new Cancelled();
    connection.commit();
    cell.move(slot, State.committing, State.committed);
    return result;
  } catch (error) {
    const told = connection.toError(error);
    // Of what it did with the raw connection nobody can say that it was undone.
    const isGone = hadRaw && connection.mayHaveCommitted && !connection.inTransaction;
    connection.rollback();
    cell.move(slot, State.committing, State.running);
    if (error instanceof Cancelled) return { kind: 'skipped' };
    if (isGone) return lost(lane, sent, hadRaw, told);
    if (mayRetry && told instanceof DatabaseError && AGAIN.has(told.kind)) return 'again';
    return { kind: 'fault', fault: toFault(told) };
  } finally {
    if (hadRaw) connection.clean();
  }
}

export function lost({ connection }: Lane, { plan }: SentPlan, hadRaw: boolean, cause?: unknown): Answer {
  const outcome = hadRaw || connection.mayHaveCommitted ? 'unknown' : 'not-committed';
  const error = new TransactionLostError(
    { what: capital(nameOf(plan)) },
    { outcome, ...(cause !== undefined && { cause }) },
  );
  return { kind: 'fault', fault: toFault(error) };
}

/** The database undid it whole, and it may fare better now. A lock that was waited for in vain is not among them. */
const AGAIN: ReadonlySet<string> = new Set(['stale-snapshot', 'deadlock']);

/** Outside of a transaction nothing can be undone: the caller can only wait for what comes of it. */
function runBare(lane: Lane, { slot, plan }: SentPlan): Answer {
  const { connection, cell } = lane;
  let hadRaw = false;
  const company: Company = { access: 'write', beforeRaw: () => (hadRaw = true) };
  const work = () => execute(lane, plan, company);
  if (!cell.move(slot, State.running, State.committing)) return { kind: 'skipped' };
  try {
    // A single statement that found the database busy did nothing, and can be tried again.
    return plan.kind === 'query' ? connection.whenFree(work) : work();
  } catch (error) {
    const told = connection.toError(error);
    // What a unit or a list did before it failed is committed, statement by statement.
    if (plan.kind !== 'query' && told instanceof Error) Object.assign(told, { outcome: 'unknown' });
    return { kind: 'fault', fault: toFault(told) };
  } finally {
    cell.move(slot, State.committing, State.committed);
    connection.rollback();
    if (hadRaw) connection.clean();
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
