import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { execute } from './execute.js';
import { mayTakeLong } from './habits.js';
import { answer, Cancelled, claim, endIfClosed, type Lane, post, refuseClosed } from './lane.js';

/** How old a snapshot may be for the next plan, and how long a finished read is kept before it is sent. Milliseconds. */
const SNAPSHOT_AGE = 5;
const EARLY = 1;

/**
 * Runs reads on one snapshot after another: plans that crossed together share one, since all of them were submitted
 * before it was taken.
 */
export function runReads(lane: Lane, plans: readonly SentPlan[]): void {
  const { connection, habits, role } = lane;
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
        sent = time;
      }
      if (!claim(lane, each.slot, time)) continue;
      runRead(lane, each, snapshot, time);
      const end = now();
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
  focus.on(slot);
  try {
    if (!connection.inTransaction || time - snapshot.taken > SNAPSHOT_AGE) {
      connection.rollback();
      connection.begin('read');
      snapshot.taken = time;
    }
    const result = execute(lane, plan, { access: 'read', beforeRaw: () => (hadRaw = true) });
    refuseClosed(lane, plan);
    answer(lane, slot, cell.move(slot, State.running, State.committed) ? result : { kind: 'skipped' });
  } catch (error) {
    const isGivenUp = error instanceof Cancelled;
    answer(lane, slot, isGivenUp ? { kind: 'skipped' } : { kind: 'fault', fault: toFault(connection.toError(error)) });
  }
  if (hadRaw) connection.clean();
  focus.off();
  endIfClosed(lane);
}
