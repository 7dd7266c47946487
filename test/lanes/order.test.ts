import { availableParallelism } from 'node:os';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Gate } from './gate.js';
import { type Notes, Stage } from './stage.js';

const names = Array.from({ length: 12 }, (_, i) => `n${i}`);

describe('lanes: first come, first served', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open({ threads: 3 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('runs the writes of one turn in their order', async () => {
    await Promise.all(names.map((name) => pool.run('append', [name])));
    expect(await pool.run('bodies')).to.deep.equal(names);
  });

  it('runs writes that had to wait, before those that came later', async () => {
    const gate = new Gate();
    const calls: Promise<unknown>[] = [pool.run('hold', [gate.buffer])];
    await gate.reached();
    for (const name of names) {
      calls.push(pool.run('append', [name]));
      await turn();
    }
    gate.open();
    await Promise.all(calls);
    expect(await pool.run('bodies')).to.deep.equal(names);
  });

  it('keeps short reads with as few readers as leave a core to the thread that asks for them', async () => {
    const read = () => Promise.all(Array.from({ length: 30 }, () => pool.run('readingThread')));
    // Before that nobody knows that they are short.
    await read();
    const readers = Math.min(2, Math.max(1, availableParallelism() - 1));
    expect(new Set(await read())).to.have.property('size', readers);
  });

  /** The answers that come while the gate is still closed, however many they are. */
  async function answeredBefore(gate: Gate, held: Promise<unknown>, calls: Promise<number>[]): Promise<number> {
    let answered = 0;
    await Promise.race([Promise.all(calls.map((call) => call.then(() => answered++))), pause(1_000)]);
    const before = answered;
    gate.open();
    await Promise.all([...calls, held]);
    return before;
  }

  // Few of them go in one batch with the long one, many in two, and more than that wait in the queue.
  for (const count of [5, 40, 1_000]) {
    it(`takes reads back from a reader that is busy with a long one, for an idle reader: ${count}`, async () => {
      const gate = new Gate();
      const held = pool.run('holdReading', [gate.buffer]);
      const quick = Array.from({ length: count }, () => pool.run('one'));
      expect(await answeredBefore(gate, held, quick)).to.equal(count);
    });
  }

  it('answers a read that is done, although the one behind it in its message takes long', async () => {
    const gate = new Gate();
    const quick = [pool.run('one'), pool.run('one')];
    const held = pool.run('holdReading', [gate.buffer]);
    quick.push(pool.run('one'), pool.run('one'));
    expect(await answeredBefore(gate, held, quick)).to.equal(4);
  });

  it('answers a group of writes when it is committed, although the unit behind it takes long', async () => {
    const gate = new Gate();
    // Units that are known as slow run alone, and so does what stands before them.
    await pool.run('sleep', [40]);
    const done = [pool.run('add', [1]), pool.run('add', [2])];
    const slow = pool.run('sleep', [40]);
    const held = pool.run('hold', [gate.buffer]);
    expect(await answeredBefore(gate, Promise.all([slow, held]), done)).to.equal(2);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
  });
});
