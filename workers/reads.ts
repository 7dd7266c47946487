import type { Answer } from '../lib/wire/answer.js';
import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { execute } from './execute.js';
import { mayTakeLong } from './habits.js';
import { answer, Cancelled, claim, endIfClosed, type Lane, post, refuseClosed } from './lane.js';

/** How old a snapshot may be for the next plan. Milliseconds. */
const SNAPSHOT_AGE = 5;
/** How long a finished read is kept before it is sent: twice as long as a batch shall take, or most would be answered in two messages. */
const EARLY = 2;

/**
 * Runs reads on one snapshot after another: plans that crossed together share one, since all of them were submitted
 * before it was taken.
 */
export function runReads(lane: Lane, plans: readonly SentPlan[]): void {
  const { cell, connection, habits, role } = lane;
  const snapshot = { taken: Number.NEGATIVE_INFINITY };
  // One look at the clock a plan: it takes a good part of the time of a short one.
  let time = now();
  let sent = time;
  if (role === 'both') connection.restrict('read');
  try {
    for (const each of plans) {
      const habit = habits.of(each.plan);
      // What is ready does not wait for what may take long, nor for all the small ones that are still to come.
      if (time - sent > EARLY || mayTakeLong(habit)) {
        post(lane);
        // To send may have taken until the other thread had read: the plan's time does not count from before.
        sent = time = now();
      }
      if (!claim(lane, each.slot, time)) continue;
      runRead(lane, each, snapshot, time);
      const end = now();
      cell.end(each.slot, end);
      habits.ran(habit, end - time);
      time = end;
    }
  } finally {
    connection.rollback();
    if (role === 'both') connection.restrict('write');
  }
}

function runRead(lane: Lane, { slot, plan }: SentPlan, snapshot: { taken: number }, time: number): void {
  const { connection, cell, focus } = lane;
  let hadRaw = false;
  let outcome: Answer;
  focus.on(slot);
  try {
    if (!connection.inTransaction || time - snapshot.taken > SNAPSHOT_AGE) {
      connection.rollback();
      connection.begin('read');
      snapshot.taken = time;
    }
    outcome = execute(lane, plan, { access: 'read', beforeRaw: () => (hadRaw = true) });
    refuseClosed(lane, plan);
    if (!cell.move(slot, State.running, State.committed)) outcome = { kind: 'skipped' };
  } catch (error) {
    const isGivenUp = error instanceof Cancelled;
    outcome = isGivenUp ? { kind: 'skipped' } : { kind: 'fault', fault: toFault(connection.toError(error)) };
  }
  // Behind the try: a large answer is sent from within, and what failed there must not be answered twice.
  answer(lane, slot, outcome);
  if (hadRaw) connection.clean();
  focus.off();
  endIfClosed(lane);
}
