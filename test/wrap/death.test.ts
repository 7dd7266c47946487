import { expect } from 'chai';
import { LaneLostError, ObjectGoneError } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: a thread that dies', () => {
  let door: Door;
  before(async () => {
    door = await Door.open({ resourceLimits: { maxOldGenerationSizeMb: 48 } });
  });
  after(() => door[Symbol.asyncDispose]());

  const deaths = {
    'by process.exit()': [() => door.wrap('hazards').exit(3), 'worker exited with code: 3'],
    'for want of memory': [
      () => door.wrap('hazards').exhaust(),
      'Worker terminated due to reaching memory limit: JS heap out of memory',
    ],
  } as const;
  for (const [how, [die, reason]] of Object.entries(deaths)) {
    it(`${how}: calls under way are told why, objects are gone, and the next call opens a fresh graph`, async () => {
      const hazards = door.wrap('hazards');
      const { lanesLost } = door.pool.stats();
      await hazards.count();
      const thing = await new hazards.Thing();
      const gate = new Gate();
      const under = rejection(hazards.holdAsync(gate.buffer));
      const culprit = rejection(die());
      const behind = rejection(hazards.count());
      for (const [told, outcome] of [
        [await under, 'unknown'],
        [await culprit, 'unknown'],
        [await behind, 'not-committed'],
      ] as const) {
        expect(told).to.be.instanceOf(LaneLostError);
        expect(told).to.include({ reason, outcome });
      }
      const gone = await rejection(thing.count());
      expect(gone).to.be.instanceOf(ObjectGoneError);
      expect(gone.message).to.equal(
        `count() of a Thing of hazards.js was not run: it went with its thread, which ended (${reason}). Make another one: the functions and classes of the module itself can be called again.`,
      );
      await thing[Symbol.asyncDispose]();
      expect(await hazards.count()).to.equal(1);
      expect(door.pool.stats().lanesLost).to.equal(lanesLost + 1);
    });
  }

  it('between two calls: the next one is served by a fresh graph', async () => {
    const hazards = door.wrap('hazards');
    const { lanesLost } = door.pool.stats();
    await hazards.throwLater();
    while (door.pool.stats().lanesLost === lanesLost) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await hazards.count()).to.equal(1);
  });

  it('answers that it had sent before are told', async () => {
    const hazards = door.wrap('hazards');
    const before = await hazards.count();
    const answers = Array.from({ length: 50 }, () => hazards.count());
    const culprit = rejection(hazards.exit(4));
    expect(await Promise.all(answers)).to.deep.equal(Array.from({ length: 50 }, (_, i) => before + i + 1));
    expect(await culprit).to.include({ reason: 'worker exited with code: 4' });
  });

  it('does not take other modules along', async () => {
    const { add } = door.wrap('shop');
    const [culprit, sum] = await Promise.all([rejection(door.wrap('hazards').exit(5)), add(1, 2)]);
    expect(culprit).to.be.instanceOf(LaneLostError);
    expect(sum).to.equal(3);
  });
});
