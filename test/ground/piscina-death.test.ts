import { expect } from 'chai';
import { newCell } from './lane.js';
import { blocked, calm, Lanes, outcome, stillOpen, until } from './lanes.js';

describe('piscina: a thread that dies', () => {
  let lanes: Lanes;

  beforeEach(() => {
    lanes = new Lanes();
  });
  afterEach(() => lanes.destroy());

  /** Runs a task that ends its thread, and tells the error and whether a new thread serves after it. */
  async function die(name: string, argument?: unknown): Promise<unknown> {
    const pool = lanes.open();
    const before = await pool.run(undefined, { name: 'who' });
    const error = await outcome(pool.run(argument, { name }));
    expect(pool.threads).to.have.length(1);
    expect(await pool.run(undefined, { name: 'who' })).to.not.equal(before);
    expect(lanes.errors).to.eql([]);
    return error;
  }

  it('by process.exit() rejects its task with the exit code, and is replaced', async () => {
    expect(await die('exit', 3)).to.have.property('message', 'worker exited with code: 3');
  });

  it('by process.exit(0) rejects its task too', async () => {
    expect(await die('exit', 0)).to.have.property('message', 'worker exited with code: 0');
  });

  it('by an uncaught throw rejects its task with that error, and is replaced', async () => {
    expect(await die('crash'))
      .to.be.instanceOf(RangeError)
      .with.property('message', 'thrown outside of the task');
  });

  it('by a result that cannot be cloned rejects its task with an object that need not say why, and is replaced', async () => {
    expect(typeof (await die('giveFunction'))).to.equal('object');
  });

  it('by a thrown value that cannot be cloned rejects its task in the same way, and is replaced', async () => {
    expect(typeof (await die('throwFunction'))).to.equal('object');
  });

  it('by terminate() from outside rejects its task, and is replaced', async () => {
    const pool = lanes.open();
    const cell = newCell();
    const task = outcome(pool.run(cell, { name: 'block' }));
    await blocked(cell);
    await pool.threads[0]?.terminate();
    expect(await task).to.have.property('message', 'worker exited with code: 1');
    expect(pool.threads).to.have.length(1);
    expect(await pool.run(undefined, { name: 'who' })).to.be.a('number');
  });

  it('takes no task of another thread along, and queued tasks go to the new one', async () => {
    const pool = lanes.open();
    const lost = outcome(pool.run(1, { name: 'exit' }));
    const queued = pool.run(undefined, { name: 'who' });
    expect(await lost).to.be.instanceOf(Error);
    expect(await queued).to.be.a('number');
  });

  it('an error thrown by a task does not end its thread; it keeps its class and loses its fields', async () => {
    const pool = lanes.open();
    const before = await pool.run(undefined, { name: 'who' });
    const error = await outcome(pool.run(undefined, { name: 'fail' }));
    expect(error).to.be.instanceOf(RangeError).and.not.have.property('code');
    expect(await pool.run(undefined, { name: 'who' })).to.equal(before);
  });

  it('an aborted signal ends the thread of its running task, whose promise is rejected with an AbortError', async () => {
    const pool = lanes.open();
    const before = await pool.run(undefined, { name: 'who' });
    const cell = newCell();
    const controller = new AbortController();
    const task = outcome(pool.run(cell, { name: 'spin', signal: controller.signal }));
    await blocked(cell);
    controller.abort(new Error('no longer wanted'));
    expect(await task).to.have.property('name', 'AbortError');
    expect(await task)
      .to.have.property('cause')
      .with.property('message', 'no longer wanted');
    expect(pool.threads).to.have.length(1);
    expect(await pool.run(undefined, { name: 'who' })).to.not.equal(before);
  });

  describe('at import of its module', () => {
    const filename = new URL('./broken.js', import.meta.url).href;
    const broken = (failures: number) => {
      const attempts = newCell();
      return { attempts, pool: lanes.open({ filename, workerData: { attempts, failures } }) };
    };

    it('without a task is an error event for each thread, and no third one is tried', async () => {
      const { pool } = broken(Infinity);
      await until(() => pool.threads.length === 0);
      expect(lanes.errors.map((error) => error.message)).to.eql(['thrown at import', 'thrown at import']);
    });

    it('rejects the task of the first thread, which counts as ready from the start', async () => {
      const { pool } = broken(Infinity);
      expect(await outcome(pool.run(1))).to.have.property('message', 'thrown at import');
    });

    it('leaves later tasks unsettled: each starts one more thread, which dies by an error event', async () => {
      const { pool } = broken(Infinity);
      await until(() => pool.threads.length === 0);
      const first = pool.run(1);
      await until(() => lanes.errors.length === 3);
      const second = pool.run(2);
      await until(() => lanes.errors.length === 4);
      expect(await Promise.all([first, second].map(stillOpen))).to.eql([true, true]);
      expect([pool.threads.length, pool.queueSize]).to.eql([0, 2]);
      for (const task of [first, second]) void outcome(task);
    });

    it('is healed by the next run() once the module is whole, for the waiting tasks too', async () => {
      const { pool } = broken(3);
      await until(() => pool.threads.length === 0);
      const waiting = pool.run(1);
      await until(() => lanes.errors.length === 3);
      expect(await pool.run(2)).to.equal(42);
      expect(await waiting).to.equal(42);
    });

    it('is never forgotten: a healed pool does not replace a thread that dies later', async () => {
      const { pool } = broken(2);
      await until(() => pool.threads.length === 0);
      expect(await pool.run(1)).to.equal(42);
      await pool.threads[0]?.terminate();
      await until(() => pool.threads.length === 0);
      await calm();
      expect(pool.threads).to.have.length(0);
      expect(await pool.run(2)).to.equal(42);
    });
  });
});
