import type { Answer } from '../lib/wire/answer.js';
import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { lost, runEachAlone, undo } from './alone.js';
import { execute } from './execute.js';
import { answer, Cancelled, claim, type Lane } from './lane.js';

/** How long a group holds the lock before it commits what it has. Milliseconds. */
const GROUP_TIME = 5;

/** A unit wants what it may only have alone: it is undone and runs again by itself. */
class Alone extends Error {}

interface Group {
  /** Those who ran, with what they will be answered if COMMIT passes. */
  readonly members: { readonly sent: SentPlan; readonly answer: Answer }[];
  readonly alone: SentPlan[];
  /** When it has held the lock for long enough. */
  end: number;
}

/** Runs a group, and says how many of its plans are answered: it commits early where it holds the lock for too long. */
export function runGroup(lane: Lane, plans: readonly SentPlan[]): number {
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
      // The lock may have been waited for: that counts neither as this one's work nor from the next one's time.
      time = now();
      if (lock === 'given up') continue;
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
  const { cell } = lane;
  const done = members.filter((member) => member.answer.kind !== 'fault' && member.answer.kind !== 'skipped');
  const isAgreed = done.every(({ sent }) => cell.move(sent.slot, State.running, State.committing));
  if (isAgreed && hasCommitted(lane)) {
    const end = now();
    if (done.length > 1) cell.grouped(done.length);
    for (const { sent } of done) cell.move(sent.slot, State.committing, State.committed);
    for (const { sent, answer: what } of members) {
      cell.end(sent.slot, end);
      answer(lane, sent.slot, what);
    }
    return;
  }
  for (const { sent } of done) cell.move(sent.slot, State.committing, State.running);
  undo(lane);
  runEachAlone(
    lane,
    members.map(({ sent }) => sent),
  );
}

/** Where it has not, one of them broke it, as a deferred foreign key does; alone each will say for itself. */
function hasCommitted({ connection }: Lane): boolean {
  try {
    connection.commit();
    return true;
  } catch {
    return false;
  }
}
