import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import { Threads } from '../../lib/lanes/threads.js';
import { Cell } from '../../lib/wire/cell.js';
import { rejection } from './rejection.js';

describe('lanes: a thread that ends between two tasks of its lane', () => {
  let threads: Threads;

  beforeEach(() => {
    threads = new Threads({
      needs: { dialect: 'sqlite', hasUnits: false },
      lanes: 1,
      substitutes: 1,
      execArgv: undefined,
      env: undefined,
      resourceLimits: undefined,
    });
  });
  afterEach(() => threads.destroy());

  /** Opens a lane, and lets it fall asleep. */
  async function sleepingLane(lane: number): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const database = { dialect: 'sqlite', path: ':memory:', synchronous: 'FULL', busyTimeout: 1_000 } as const;
    const opening = { port: port2, cell: new Cell().buffer, role: 'both', database, maxRows: 1 } as const;
    const task = threads.run({ lane, opening: { ...opening, units: undefined, setup: undefined } }, [port2]);
    const [ready] = await once(port1, 'message');
    expect(ready).to.have.property('kind', 'ready');
    expect(await task).to.equal('asleep');
  }

  it('is told to the lane at its next task, and another lane opens', async () => {
    await sleepingLane(1);
    await threads.terminate(1);
    const error = await rejection(threads.run({ lane: 1, opening: undefined }, []));
    expect(error.message).to.equal('its thread ended between two tasks');
    threads.release(1);
    await sleepingLane(2);
    expect(await threads.run({ lane: 2, opening: undefined }, [])).to.equal('asleep');
  });

  it('keeps no other lane waiting', async () => {
    await sleepingLane(1);
    await sleepingLane(2);
    await threads.terminate(1);
    const lost = rejection(threads.run({ lane: 1, opening: undefined }, []));
    expect(await threads.run({ lane: 2, opening: undefined }, [])).to.equal('asleep');
    expect(await lost).to.have.property('message', 'its thread ended between two tasks');
  });
});
