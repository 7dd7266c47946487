import { setImmediate as next } from 'node:timers/promises';
import { expect } from 'chai';
import { Turn } from '../../lib/lanes/turn.js';

describe('lanes: a turn of the event loop', () => {
  const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);

  it('that has become long is over, and whoever found it so is called in the next one', async () => {
    let called = 0;
    const turn = new Turn(() => called++);
    expect(turn.isOver).to.equal(false);
    block();
    expect(turn.isOver).to.equal(true);
    expect(called).to.equal(0);
    await next();
    expect(called).to.equal(1);
    expect(turn.isOver).to.equal(false);
  });

  it('that was not found over calls nobody', async () => {
    let called = 0;
    const turn = new Turn(() => called++);
    expect(turn.isOver).to.equal(false);
    block();
    await next();
    expect(called).to.equal(0);
  });
});
