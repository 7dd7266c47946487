import { mock } from 'node:test';
import { setImmediate as next } from 'node:timers/promises';
import { expect } from 'chai';
import { createPool, sql } from 'offthread';
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

  it('goes on where a test makes the clock stand still', async () => {
    const pool = await createPool({ database: 'sqlite::memory:' });
    mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'setInterval'] });
    try {
      const calls = Array.from({ length: 1_000 }, (_, i) => pool.run(sql<{ i: number }>`select ${i} as i`));
      const rows = (await Promise.all(calls)).flat();
      expect(rows).to.have.length(1_000);
    } finally {
      mock.timers.reset();
    }
    await pool.close();
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
