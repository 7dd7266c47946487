import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Heartbeat, SLICE } from '../../bench/heartbeat.js';
import { callers } from '../../bench/load.js';

const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

describe('What the bench measures with', () => {
  it('tells of a blocked event loop, even of one that is blocked still', () => {
    using heartbeat = new Heartbeat();
    block(200);
    const { delayP50, delayP99, delayMax } = heartbeat.delay();
    expect(delayMax).to.be.at.least(190);
    expect(delayP99).to.be.at.least(180);
    // Each of the beats that were swallowed counts, late by its own time: half of them by half of the block.
    expect(delayP50).to.be.at.least(90);
  });

  it('tells when the event loop was blocked', async () => {
    using heartbeat = new Heartbeat();
    await setTimeout(3 * SLICE);
    block(5 * SLICE);
    heartbeat.delay();
    const slices = heartbeat.slices();
    expect(slices.length).to.be.at.least(8);
    expect(Math.max(...slices.slice(3, 6))).to.be.at.least(3 * SLICE);
  });

  it('keeps so many calls in flight, and makes each once', async () => {
    const made: number[] = [];
    const widths = new Set<number>();
    let width = 0;
    await callers(100, 8, async (i) => {
      made.push(i);
      widths.add(++width);
      await setTimeout(0);
      width--;
    });
    expect(made).to.deep.equal(Array.from({ length: 100 }, (_, i) => i));
    expect(Math.max(...widths)).to.equal(8);
  });
});
