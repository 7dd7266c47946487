import { DatabaseError, TransactionLostError } from '../lib/errors.js';
import { nameOf } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import { NO_TRANSACTION, type SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { type Company, execute } from './execute.js';
import { isLoner } from './habits.js';
import { answer, Cancelled, claim, endIfClosed, type Lane, post, refuseClosed } from './lane.js';

/** How long a group holds the lock before it commits what it has. Milliseconds. */
const GROUP_TIME = 5;

/** A unit wants what it may only have alone: it is undone and runs again by itself. */
class Alone extends Error {}

/**
 * Runs writes. Those that wait share one transaction, a savepoint each, and one COMMIT, behind which they are answered;
 * a group that is lost is undone, and its members run again one by one, so that only the culprit fails.
 */
export function runWrites(lane: Lane, plans: readonly SentPlan[]): void {
  let waiting = plans;
  while (waiting.length > 0) {
    const [first, ...rest] = waiting as [SentPlan, ...SentPlan[]];
    if (runsAlone(lane, first) || rest.length === 0 || runsAlone(lane, rest[0] as SentPlan)) {
      if (claim(lane, first.slot)) runAlone(lane, first);
      waiting = rest;
    } else {
      const end = waiting.findIndex((each) => runsAlone(lane, each));
      const group = end < 0 ? waiting : waiting.slice(0, end);
      waiting = waiting.slice(runGroup(lane, group));
    }
    post(lane);
  }
}

const runsAlone = ({ habits }: Lane, { plan, retries }: SentPlan): boolean =>
  retries === NO_TRANSACTION || (plan.kind === 'unit' && isLoner(habits.of(plan)));

interface Group {
  /** Those who ran, with what they will be answered if COMMIT passes. */
  readonly members: { readonly sent: SentPlan; readonly answer: Answer }[];
  readonly alone: SentPlan[];
  /** When it has held the lock for long enough. */
  end: number;
}

/** Runs a group, and says how many of its plans are answered: it commits early where it holds the lock for too long. */
function runGroup(lane: Lane, plans: readonly SentPlan[]): number {
  const group: Group = { members: [], alone: [], end: Number.POSITIVE_INFINITY };
  let seen = 0;
  let time = now();
  for (const sent of plans) {
    if (time > group.end) break;
    seen++;
    if (!claim(lane, sent.slot, time)) continue;
    lane.focus.on(sent.slot);
    if (!lane.connection.inTransaction) {
      const lock = takeLock(lane, group, [sent, ...plans.slice(seen)]);
      if (lock === 'refused') return plans.length;
      if (lock === 'given up') continue;
      time = now();
    }
    if (joinGroup(lane, group, sent) === 'lost') return seen;
    const end = now();
    lane.habits.ran(lane.habits.of(sent.plan), end - time);
    time = end;
  }
  lane.focus.off();
  if (lane.connection.inTransaction) commitGroup(lane, group);
  runEachAlone(lane, group.alone);
  return seen;
}

/** One more member; a group that is lost with it is run again, one by one. */
function joinGroup(lane: Lane, { members, alone }: Group, sent: SentPlan): 'joined' | 'lost' {
  const outcome = runMember(lane, sent);
  if (outcome === 'lost') {
    const ran = [...members.map((member) => member.sent), sent];
    undo(lane);
    // Whoever prepared a COMMIT of his own may have committed all of them: to run them again could do it twice.
    if (lane.connection.mayHaveCommitted) for (const each of ran) answer(lane, each.slot, lost(lane, each, true));
    else runEachAlone(lane, ran);
    runEachAlone(lane, alone);
    return 'lost';
  }
  if (outcome === 'alone') alone.push(sent);
  else members.push({ sent, answer: outcome });
  return 'joined';
}

/** Begins the group's transaction for the first of those who wait for it. */
function takeLock(
  lane: Lane,
  group: Group,
  waiting: readonly [SentPlan, ...SentPlan[]],
): 'taken' | 'given up' | 'refused' {
  try {
    lane.connection.begin('write');
    group.end = now() + GROUP_TIME;
    return 'taken';
  } catch (error) {
    const [first, ...rest] = waiting;
    if (error instanceof Cancelled) {
      answer(lane, first.slot, { kind: 'skipped' });
      return 'given up';
    }
    // They all waited for this lock: the next would only wait as long again.
    const fault: Answer = { kind: 'fault', fault: toFault(error) };
    answer(lane, first.slot, fault);
    for (const { slot } of rest) if (claim(lane, slot)) answer(lane, slot, fault);
    lane.focus.off();
    return 'refused';
  }
}

/**
 * One member, in a savepoint of the group's transaction. A single statement undoes itself when it fails, or nearly (OR FAIL
 * does not): it has one only where it has failed before.
 */
function runMember(lane: Lane, { slot, plan }: SentPlan): Answer | 'alone' | 'lost' {
  const { connection, cell } = lane;
  const habit = lane.habits.of(plan);
  const isGuarded = plan.kind !== 'query' || habit.hasFailed;
  let wantsRaw = false;
  const beforeRaw = () => {
    wantsRaw = true;
    throw new Alone();
  };
  try {
    if (isGuarded) connection.savepoint();
    const result = execute(lane, plan, { access: 'write', beforeRaw });
    // It may have caught the error, and gone on without.
    if (wantsRaw) throw new Alone();
    // Given up in the meantime: undone here, it costs its neighbours nothing.
    if (cell.stateOf(slot) === State.cancelled) throw new Cancelled();
    if (isGuarded) connection.release();
    return connection.inTransaction ? result : 'lost';
  } catch (error) {
    if (!(error instanceof Cancelled)) habit.hasFailed = true;
    if (!isGuarded || !connection.inTransaction) return 'lost';
    try {
      connection.rollbackToSavepoint();
    } catch {
      return 'lost';
    }
    if (wantsRaw) {
      habit.takesRaw = true;
      return 'alone';
    }
    return error instanceof Cancelled
      ? { kind: 'skipped' }
      : { kind: 'fault', fault: toFault(connection.toError(error)) };
  }
}

/** Past this no caller can give up any more. One who did so first takes the whole group back. */
function commitGroup(lane: Lane, { members }: Group): void {
  const { connection, cell } = lane;
  const done = members.filter((member) => member.answer.kind !== 'fault' && member.answer.kind !== 'skipped');
  const isAgreed = done.every(({ sent }) => cell.move(sent.slot, State.running, State.committing));
  if (isAgreed) {
    try {
      connection.commit();
      for (const { sent } of done) cell.move(sent.slot, State.committing, State.committed);
      for (const member of members) answer(lane, member.sent.slot, member.answer);
      return;
    } catch {
      // One of them broke it, as a deferred foreign key does; alone each will say for itself.
    }
  }
  for (const { sent } of done) cell.move(sent.slot, State.committing, State.running);
  undo(lane);
  runEachAlone(
    lane,
    members.map(({ sent }) => sent),
  );
}

/** One after the other, each answered before the next can keep it waiting. */
function runEachAlone(lane: Lane, plans: readonly SentPlan[]): void {
  for (const sent of plans) {
    post(lane);
    runAlone(lane, sent);
  }
}

function undo({ connection, focus }: Lane): void {
  focus.off();
  connection.rollback();
}

/** One plan in its own transaction, again and again while the database rolls it back whole and retries are left. */
function runAlone(lane: Lane, sent: SentPlan): void {
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

function lost({ connection }: Lane, { plan }: SentPlan, hadRaw: boolean, cause?: unknown): Answer {
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
