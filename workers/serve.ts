import { receiveMessageOnPort } from 'node:worker_threads';
import type { LeasePlan, StreamPlan } from '../lib/plan/plan.js';
import type { BatchReader, SentPlan } from '../lib/wire/batch.js';
import type { BatchMessage, LaneEnd, ToLane } from '../lib/wire/message.js';
import { writes } from './execute.js';
import { answer, type Lane, post } from './lane.js';
import { runLease } from './lease.js';
import { runReads } from './reads.js';
import { runServerReads } from './server-reads.js';
import { runStream } from './stream.js';
import { runWrites } from './writes.js';

/** After so long without work the lane's task ends, so that an idle pool does not keep the process alive. Milliseconds. */
const IDLE = 50;

/** Serves batches until there is nothing to do, or it is told to close. Blocks its thread: nothing else lives there. */
export function serve(lane: Lane, reader: BatchReader): LaneEnd {
  const { cell, port } = lane;
  for (;;) {
    cell.quiet();
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const message = received.message as ToLane;
      if (message.kind === 'close' || runMessage(lane, reader, message) === 'closed') {
        lane.connection.close();
        return 'closed';
      }
      post(lane);
    }
    lane.connection.rest();
    // What a unit printed leaves this thread only when its event loop turns, which it does between two tasks.
    const isPrinting = process.stdout.writableLength > 0 || process.stderr.writableLength > 0;
    if (!cell.wait(isPrinting ? 0 : IDLE)) return 'asleep';
  }
}

function runMessage(lane: Lane, reader: BatchReader, message: BatchMessage): 'closed' | undefined {
  const plans = reader.read(message);
  lane.focus.logs.expect(plans);
  lane.focus.isAlone = message.isAlone === true;
  // Whose lane it was has been told of its end.
  if (message.isWithin) for (const { slot } of plans) answer(lane, slot, { kind: 'skipped' });
  else if (plans[0]?.plan.kind === 'stream' || plans[0]?.plan.kind === 'lease')
    return hold(lane, reader, plans[0] as SentPlan<StreamPlan | LeasePlan>);
  else runBatch(lane, plans as SentPlan[]);
  return undefined;
}

/** What may wait for its caller before it says anything to the database. */
function hold(lane: Lane, reader: BatchReader, sent: SentPlan<StreamPlan | LeasePlan>): 'closed' | undefined {
  lane.connection.rest();
  if (sent.plan.kind === 'lease') return runLease(lane, reader, sent as SentPlan<LeasePlan>);
  runStream(lane, sent as SentPlan<StreamPlan>);
  return undefined;
}

/** Reads beside reads and writes beside writes, in the order in which they came. */
function runBatch(lane: Lane, plans: readonly SentPlan[]): void {
  let start = 0;
  while (start < plans.length) {
    const isWrite = writesHere(lane, plans[start] as SentPlan);
    let end = start + 1;
    while (end < plans.length && writesHere(lane, plans[end] as SentPlan) === isWrite) end++;
    const run = plans.slice(start, end);
    if (isWrite) runWrites(lane, run);
    else if (lane.connection.groupsWrites) runReads(lane, run);
    else runServerReads(lane, run);
    start = end;
  }
}

const writesHere = (lane: Lane, { plan, retries }: SentPlan): boolean =>
  lane.role !== 'reader' && (retries < 0 || writes(lane, plan));
