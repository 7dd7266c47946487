import { DatabaseError, TooManyRowsError, TransactionLostError } from '../lib/errors.js';
import { type AnyPlan, nameOf, subjectOf } from '../lib/plan/plan.js';
import type { Answer, RawTable } from '../lib/wire/answer.js';
import { NO_TRANSACTION, type SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import type { Company } from './company.js';
import { execute } from './execute.js';
import {
  answer,
  Cancelled,
  cleanUp,
  endIfClosed,
  foundDead,
  type Lane,
  type Mark,
  markOf,
  post,
  refuseClosed,
} from './lane.js';

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

/** Again, on this lane; or left as it is, for another one, since this one turned out to have no connection any more. */
type Outcome = Answer | 'again' | 'given back';

/** One plan in its own transaction, again and again while the database rolls it back whole and retries are left. */
export function runAlone(lane: Lane, sent: SentPlan, access: 'read' | 'write' = 'write'): void {
  const { focus } = lane;
  for (let attempt = 1; ; attempt++) {
    focus.on(sent.slot);
    const outcome = runAttempt(lane, sent, access, attempt);
    focus.off();
    if (outcome === 'again') continue;
    lane.cell.end(sent.slot, now());
    if (outcome !== 'given back') answer(lane, sent.slot, outcome);
    endIfClosed(lane);
    return;
  }
}

function runAttempt(lane: Lane, sent: SentPlan, access: 'read' | 'write', attempt: number): Outcome {
  const { plan, retries, isolation } = sent;
  const { connection } = lane;
  if (plan.kind === 'query' && isolation === undefined && !connection.groupsWrites) {
    const needsTransaction = connection.needsTransaction?.(plan.sql) === true;
    if (access === 'read')
      return needsTransaction ? runOnce(lane, sent, access, attempt) : readByItself(lane, sent, attempt);
    if (!needsTransaction || retries === NO_TRANSACTION) return writeByItself(lane, sent, attempt);
  }
  return retries === NO_TRANSACTION ? runBare(lane, sent) : runOnce(lane, sent, access, attempt);
}

function runOnce(lane: Lane, sent: SentPlan, access: 'read' | 'write', attempt: number): Outcome {
  const { slot, plan, isolation } = sent;
  const { connection, cell, focus } = lane;
  const mark = markOf(lane);
  let hadRaw = false;
  try {
    focus.check();
    connection.begin(access, isolation);
    const start = now();
    const result = execute(lane, plan, { access, beforeRaw: () => (hadRaw = true) });
    lane.habits.ran(lane.habits.of(plan), now() - start);
    refuseClosed(lane, plan);
    if (!connection.inTransaction) return compounds(lane, plan) ? finish(lane, slot, result) : lost(lane, sent, hadRaw);
    if (access === 'read') {
      const answer = finish(lane, slot, result);
      connection.endReading();
      return answer;
    }
    // It may be there already, by a COMMIT of its own.
    if (!cell.move(slot, State.running, State.committing) && cell.stateOf(slot) !== State.committing)
      throw new Cancelled();
    connection.commit();
    cell.move(slot, State.committing, State.committed);
    return result;
  } catch (error) {
    const told = connection.toError(error);
    // Of what it did with the raw connection nobody can say that it was undone.
    const isGone = hadRaw && connection.mayHaveCommitted;
    connection.rollback();
    cell.move(slot, State.committing, State.running);
    if (error instanceof Cancelled) return { kind: 'skipped' };
    if (isGone) return lost(lane, sent, hadRaw, told);
    if (connection.mayHaveCommitted && compounds(lane, plan)) return halfDone(told);
    return failed(lane, sent, mark, told, attempt);
  } finally {
    cleanUp(lane, hadRaw);
  }
}

/** There is nothing to be committed: it has only read; or it has ended the transaction by itself, and nothing else was in that. */
function finish({ cell }: Lane, slot: number, result: Answer): Answer {
  if (!cell.move(slot, State.running, State.committed)) throw new Cancelled();
  return result;
}

/** Whether it is one statement that is made of others, as a procedure's. */
const compounds = ({ connection }: Lane, plan: AnyPlan): boolean =>
  plan.kind === 'query' && connection.compounds?.(plan.sql) === true;

/** Some of it may be committed. */
function halfDone(error: unknown): Answer {
  if (error instanceof Error) Object.assign(error, { outcome: 'unknown' });
  return { kind: 'fault', fault: toFault(error) };
}

function readByItself(lane: Lane, sent: SentPlan, attempt: number): Outcome {
  const { plan, slot } = sent;
  const { connection, cell, focus, habits, answers } = lane;
  const mark = markOf(lane);
  let retries = sent.retries;
  const onPart = (part: RawTable) => {
    focus.check();
    answers.addPart(slot, part);
    retries = 0;
  };
  try {
    focus.check();
    const start = now();
    const result = execute(lane, plan, { ...ALONE, onPart });
    habits.ran(habits.of(plan), now() - start);
    return cell.move(slot, State.running, State.committed) ? result : { kind: 'skipped' };
  } catch (error) {
    return error instanceof Cancelled
      ? { kind: 'skipped' }
      : failed(lane, { ...sent, retries }, mark, connection.toError(error), attempt);
  }
}

/** A statement that is its own transaction: whoever gives it up is told what came of it, which only its answer says. */
function writeByItself(lane: Lane, sent: SentPlan, attempt: number): Outcome {
  const { plan, slot } = sent;
  const { connection, cell, focus, habits } = lane;
  const mark = markOf(lane);
  let mayBeHalfDone = false;
  try {
    focus.check();
    // As long as it is being prepared, nothing can come of it.
    if (plan.kind === 'query') connection.prepare(plan.sql);
    if (!cell.move(slot, State.running, State.deciding)) throw new Cancelled();
    mayBeHalfDone = compounds(lane, plan);
    const start = now();
    const result = execute(lane, plan, ALONE);
    habits.ran(habits.of(plan), now() - start);
    if (!cell.move(slot, State.deciding, State.committed)) cell.move(slot, State.recalled, State.committed);
    return result;
  } catch (error) {
    const wasStopped = error instanceof Cancelled && connection.isOpen;
    cell.move(slot, State.deciding, State.running);
    if (wasStopped && !mayBeHalfDone) return { kind: 'skipped' };
    const told = error instanceof Cancelled ? outOfSight(plan, wasStopped) : connection.toError(error);
    // A connection that was lost says by itself whether anything was sent.
    if (mayBeHalfDone && !(told instanceof DatabaseError && told.kind === 'connection')) return halfDone(told);
    if (told instanceof TooManyRowsError) Object.assign(told, { outcome: 'unknown' });
    return failed(lane, sent, mark, told, attempt);
  } finally {
    cleanUp(lane, false);
  }
}
const ALONE: Company = { access: 'write', beforeRaw: () => {} };

/** It was given up, and nobody knows what came of it: the server neither stopped it nor said that it is done, or stopped it halfway. */
function outOfSight(plan: AnyPlan, wasStopped: boolean): DatabaseError {
  const detail = { sql: plan.kind === 'query' ? plan.sql : undefined, outcome: 'unknown' } as const;
  return wasStopped
    ? new DatabaseError(`${subjectOf(plan)} was stopped in the middle: what it had done before is committed.`, {
        ...{ code: 'ER_QUERY_INTERRUPTED', kind: 'interrupted', ...detail },
      })
    : new DatabaseError(
        `The connection was given up, since the server did not stop ${nameOf(plan)}: nobody knows whether it was committed.`,
        { code: 'PROTOCOL_CONNECTION_LOST', kind: 'connection', ...detail },
      );
}

/** Again, if the database undid it whole and it may fare better now; else the error, which says how often it was tried. */
function failed(lane: Lane, { retries }: SentPlan, mark: Mark, error: unknown, attempt: number): Outcome {
  if (foundDead(lane, mark, error)) return 'given back';
  if (attempt <= retries && error instanceof DatabaseError && AGAIN.has(error.kind)) {
    // Two that met would meet again.
    if (error.kind === 'deadlock') Atomics.wait(nap, 0, 0, Math.random() * Math.min(2 ** attempt, LONGEST_NAP));
    return 'again';
  }
  if (attempt > 1 && error instanceof Error) Reflect.set(error, 'attempts', attempt);
  return { kind: 'fault', fault: toFault(error) };
}
const nap = new Int32Array(new SharedArrayBuffer(4));
/** Milliseconds. */
const LONGEST_NAP = 32;

export function lost({ connection }: Lane, { plan }: SentPlan, hadRaw: boolean, cause?: unknown): Answer {
  const outcome = hadRaw || connection.mayHaveCommitted ? 'unknown' : 'not-committed';
  const error = new TransactionLostError({ what: subjectOf(plan) }, { outcome, ...(cause !== undefined && { cause }) });
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
    cleanUp(lane, hadRaw);
  }
}
