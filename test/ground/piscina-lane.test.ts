import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import { newCell, wake } from './lane.js';
import { blocked, Lanes, outcome, until } from './lanes.js';

describe('piscina: a lane as one long task', () => {
  let lanes: Lanes;

  beforeEach(() => {
    lanes = new Lanes();
  });
  afterEach(() => lanes.destroy());

  it('a task blocked in Atomics.wait lets the tasks of other threads go on', async () => {
    const pool = lanes.open({ minThreads: 2, maxThreads: 2 });
    const cell = newCell();
    const lane = pool.run(cell, { name: 'block' });
    await blocked(cell);
    const others = new Set<number>();
    for (let i = 0; i < 5; i++) others.add(await pool.run(undefined, { name: 'who' }));
    wake(cell);
    expect([...others])
      .to.have.length(1)
      .and.not.include(await lane);
  });

  it('threads are counted in pool.threads, from the start', () => {
    const pool = lanes.open({ minThreads: 3, maxThreads: 4 });
    expect(pool.threads).to.have.length(3);
  });

  it('a running task keeps the process alive, its return lets the process end with its threads open', async () => {
    const program = fileURLToPath(new URL('./lonely.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout).to.equal('lane returned 1, threads 2\n');
  });

  it('the module of a thread keeps its state from task to task', async () => {
    const pool = lanes.open();
    const { port1, port2 } = new MessageChannel();
    await pool.run(port2, { name: 'keep', transferList: [port2] });
    port1.postMessage('a');
    port1.postMessage('b');
    expect(await pool.run(undefined, { name: 'readKept' })).to.eql(['a', 'b']);
    port1.close();
  });

  it('messages to a port whose thread does not read wait until it does', async () => {
    const pool = lanes.open();
    const cell = newCell();
    const { port1, port2 } = new MessageChannel();
    await pool.run(port2, { name: 'keep', transferList: [port2] });
    const lane = pool.run(cell, { name: 'block' });
    await blocked(cell);
    for (let i = 0; i < 3; i++) port1.postMessage(i);
    wake(cell);
    await lane;
    expect(await pool.run(undefined, { name: 'readKept' })).to.eql([0, 1, 2]);
    port1.close();
  });

  it('the port of a thread that died tells it by its close event', async () => {
    const pool = lanes.open();
    const { port1, port2 } = new MessageChannel();
    await pool.run(port2, { name: 'keep', transferList: [port2] });
    const closed = once(port1, 'close');
    await outcome(pool.run(1, { name: 'exit' }));
    await closed;
  });

  it('destroy() resolves while tasks block or loop without end, and rejects them', async () => {
    const pool = lanes.open({ minThreads: 2, maxThreads: 2 });
    const cell = newCell();
    const tasks = [pool.run(cell, { name: 'spin' }), pool.run(cell, { name: 'block' })].map(outcome);
    await blocked(cell, 2);
    await pool.destroy();
    for (const task of tasks)
      expect(await task)
        .to.be.instanceOf(Error)
        .with.property('message', 'Terminating worker thread');
    expect(pool.threads).to.have.length(0);
  });

  it('destroy() rejects queued tasks too', async () => {
    const pool = lanes.open();
    const cell = newCell();
    const running = outcome(pool.run(cell, { name: 'block' }));
    const queued = outcome(pool.run(undefined, { name: 'who' }));
    await blocked(cell);
    await pool.destroy();
    expect(await queued).to.have.property('message', 'Terminating worker thread');
    await running;
  });

  it('a pool works again after destroy() and after close()', async () => {
    const pool = lanes.open();
    await pool.destroy();
    expect(await pool.run(undefined, { name: 'who' })).to.be.a('number');
    await pool.close();
    expect(await pool.run(undefined, { name: 'who' })).to.be.a('number');
  });

  it('a task given during close() is rejected as aborted', async () => {
    const pool = lanes.open();
    const cell = newCell();
    const lane = pool.run(cell, { name: 'block' });
    await blocked(cell);
    const closed = pool.close();
    expect(await outcome(pool.run(undefined, { name: 'who' }))).to.have.property('name', 'AbortError');
    wake(cell);
    await Promise.all([lane, closed]);
  });

  it('the queue is not bounded by default', () => {
    const pool = lanes.open();
    expect(pool.options.maxQueue).to.equal(Infinity);
  });

  it('an argument that cannot be cloned rejects its task and leaves the thread alone', async () => {
    const pool = lanes.open();
    const before = await pool.run(undefined, { name: 'who' });
    expect(await outcome(pool.run({ bad: () => 1 }, { name: 'who' }))).to.have.property('name', 'DataCloneError');
    expect(await pool.run(undefined, { name: 'who' })).to.equal(before);
    await until(() => pool.threads.length === 1);
  });
});
