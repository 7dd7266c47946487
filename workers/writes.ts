import { NO_TRANSACTION, type SentPlan } from '../lib/wire/batch.js';
import { runAlone } from './alone.js';
import { runGroup } from './group.js';
import { isLoner } from './habits.js';
import { claim, type Lane, post, refuseUnfit } from './lane.js';

/**
 * Runs writes. Those that wait share one transaction, a savepoint each, and one COMMIT, behind which they are answered;
 * a group that is lost is undone, and its members run again one by one, so that only the culprit fails.
 */
export function runWrites(lane: Lane, plans: readonly SentPlan[]): void {
  let waiting = plans;
  while (waiting.length > 0) {
    const [first, ...rest] = waiting as [SentPlan, ...SentPlan[]];
    if (runsAlone(lane, first) || rest.length === 0 || runsAlone(lane, rest[0] as SentPlan)) {
      refuseUnfit(lane);
      if (claim(lane, first.slot)) runAlone(lane, first, 'write');
      waiting = rest;
    } else {
      const end = waiting.findIndex((each) => runsAlone(lane, each));
      const group = end < 0 ? waiting : waiting.slice(0, end);
      waiting = waiting.slice(runGroup(lane, group));
    }
    post(lane);
  }
}

const runsAlone = ({ habits, connection }: Lane, { plan, retries }: SentPlan): boolean =>
  !connection.groupsWrites || retries === NO_TRANSACTION || (plan.kind === 'unit' && isLoner(habits.of(plan)));
