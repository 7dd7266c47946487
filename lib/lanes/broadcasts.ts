import type { AnyPlan } from '../plan/plan.js';
import { newCall } from './call.js';
import type { CallSettings } from './call-settings.js';
import type { Call, Lane } from './lane.js';
import { isSlow } from './lane-choice.js';
import { Queue } from './queue.js';
import type { Site } from './sites.js';

/** To which lane a call goes, and to no other. */
interface Address {
  readonly site: Site;
  /** Undefined while that lane is missing. */
  lane: Lane | undefined;
  /** Every lane that calls of this broadcast go to. */
  readonly asked: Set<Lane>;
  /** No answer of its lane counts: a reader was given what turned out to write, and has not run it. */
  isPassedOver: boolean;
}

/** What those need that send calls to lanes. */
interface Sending {
  readonly sites: readonly Site[];
  lanes(): readonly Lane[];
  /** Answers with what the caller is to get of it. */
  submit(call: Call): Promise<unknown>;
}

/** Calls that are made once on each lane, rather than on whichever has room: they wait for theirs. */
export class Broadcasts {
  /** Those that wait. */
  readonly queue = new Queue();
  readonly #addresses = new Map<Call, Address>();

  has(call: Call): boolean {
    return this.#addresses.size > 0 && this.#addresses.has(call);
  }

  /** The one lane that can serve it, where that is there. */
  lanesFor(call: Call): readonly Lane[] {
    const lane = this.#addresses.get(call)?.lane;
    return lane === undefined ? [] : [lane];
  }

  /** Runs a plan on every lane that can serve it; resolves with what they answered, the first lane first, when all of them have. */
  async run(plan: AnyPlan, settings: CallSettings, sending: Sending): Promise<unknown[]> {
    const mayRead = settings.transaction && plan.access !== 'write';
    const addresses = addressesOf(sending, mayRead);
    const calls = addresses.map((): Call => newCall(plan, settings));
    for (const [i, call] of calls.entries()) this.#addresses.set(call, addresses[i] as Address);
    const outcomes = await Promise.allSettled(calls.map((call) => sending.submit(call)));
    for (const call of calls) this.#addresses.delete(call);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return outcomes.flatMap((outcome, i) =>
      outcome.status === 'fulfilled' && !addresses[i]?.isPassedOver ? [outcome.value] : [],
    );
  }
  /** Its lane does not run it. */
  passOver(call: Call): void {
    const address = this.#addresses.get(call);
    if (address !== undefined) address.isPassedOver = true;
  }

  /** Takes out of the queue what can go now, and says where; or nowhere, since the lane is gone and none stands in its place. */
  next(lanes: readonly Lane[]): (readonly [call: Call, lane: Lane | undefined])[] {
    const going: [Call, Lane | undefined][] = [];
    const staying: Call[] = [];
    for (let call = this.queue.shift(); call !== undefined; call = this.queue.shift()) {
      const address = this.#addresses.get(call) as Address;
      const place = findLane(address, lanes);
      if (place === 'none') going.push([call, undefined]);
      // Behind a plan that takes long it would be taken back at once.
      else if (place?.hasRoom && !isSlow(place)) going.push([call, place]);
      else staying.push(call);
    }
    this.queue.restore(staying);
    return going;
  }

  /** The roles of lanes that are waited for, and are not there. */
  missing(): Site[] {
    return [...this.queue].flatMap((call) => {
      const address = this.#addresses.get(call);
      return address !== undefined && address.lane === undefined ? [address.site] : [];
    });
  }
}

const isInService = (lane: Lane | undefined, lanes: readonly Lane[]): lane is Lane =>
  lane !== undefined && !lane.isRetired && lanes.includes(lane);

/** Its lane, or the one that has been opened in the place of that. */
function findLane(address: Address, lanes: readonly Lane[]): Lane | 'none' | undefined {
  if (isInService(address.lane, lanes)) return address.lane;
  const { site, asked } = address;
  const inService = lanes.filter((lane) => lane.site === site && isInService(lane, lanes));
  const fresh = inService.find((lane) => !asked.has(lane));
  if (fresh === undefined) {
    // A lane more than there need be, that stood in for another.
    if (inService.length >= site.lanes) return 'none';
    // One that is out of service may come back.
    if (address.lane !== undefined && !lanes.includes(address.lane)) address.lane = undefined;
    return address.lane;
  }
  asked.add(fresh);
  address.lane = fresh;
  return fresh;
}

/** One for each lane in service, and for each that is missing, replicas aside: others stand in for those. */
function addressesOf(sending: Sending, mayRead: boolean): Address[] {
  const lanes = sending.lanes();
  const asked = new Set<Lane>();
  return sending.sites
    .filter(({ role }) => mayRead || role !== 'reader')
    .flatMap((site) => {
      const there: (Lane | undefined)[] = lanes.filter((lane) => lane.site === site && isInService(lane, lanes));
      while (!site.isReplica && there.length < site.lanes) there.push(undefined);
      return there.map((lane): Address => {
        if (lane !== undefined) asked.add(lane);
        return { site, lane, asked, isPassedOver: false };
      });
    });
}
