import { expect } from 'chai';
import { Piscina } from 'piscina';
import { type Cell, newCell, wake } from './lane.js';
import { blocked, calm, Lanes, outcome, stillOpen, until } from './lanes.js';

type Balancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer']>;

/** A task that says on which thread it wants to run. */
function wanting<T extends object>(threadId: number | undefined, task: T): T {
  return Object.assign(task, { [Piscina.queueOptionsSymbol]: { threadId } });
}

const wanted = (task: object) =>
  (task as Record<symbol, { threadId: number } | null>)[Piscina.queueOptionsSymbol]?.threadId;

/** Gives each task to the thread it wants, busy or not. */
const faithful: Balancer = (task, workers) => workers.find(({ id }) => id === wanted(task)) ?? null;

/** The same, but not while that thread has a task. */
const patient: Balancer = (task, workers) =>
  workers.find(({ id, currentUsage }) => id === wanted(task) && currentUsage === 0) ?? null;

describe('piscina: which thread serves a task', () => {
  let lanes: Lanes;
  let cell: Cell;

  beforeEach(() => {
    lanes = new Lanes();
    cell = newCell();
  });
  afterEach(() => lanes.destroy());

  /** A pool whose threads are all up, and their ids. */
  async function open(
    loadBalancer: Balancer,
    minThreads: number,
    maxThreads = minThreads,
  ): Promise<[Piscina, number[]]> {
    const pool = lanes.open({ loadBalancer, minThreads, maxThreads });
    await until(() => lanes.created === minThreads);
    return [pool, pool.threads.map(({ threadId }) => threadId)];
  }

  it('a task says by its queueOptionsSymbol which thread it wants, and a loadBalancer sends it there', async () => {
    const [pool, [first, second, third]] = await open(faithful, 3);
    for (const id of [third, first, second, third, third]) {
      expect(await pool.run(wanting(id, {}), { name: 'who' })).to.equal(id);
    }
  });

  it('what the symbol holds does not cross to the thread', async () => {
    const [pool, [first]] = await open(faithful, 1);
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(wanting(first, { kept: 1 }));
    expect(await pool.run(wanting(first, port2), { name: 'read', transferList: [port2] })).to.eql([{ kept: 1 }]);
    port1.close();
  });

  it('the thread id of the balancer is the threadId of the worker', async () => {
    const seen: number[] = [];
    const [pool] = await open((_task, workers) => {
      seen.push(...workers.map(({ id }) => id));
      return workers[0] ?? null;
    }, 2);
    const id = await pool.run(undefined, { name: 'who' });
    expect(seen).to.eql(pool.threads.map(({ threadId }) => threadId));
    expect(seen[0]).to.equal(id);
  });

  it('a balancer may send a task to a busy thread, where it waits its turn without being queued', async () => {
    const [pool, [first, second]] = await open(faithful, 2);
    const lane = pool.run(wanting(first, cell), { name: 'block' });
    await blocked(cell);
    const next = pool.run(wanting(first, {}), { name: 'who' });
    expect(pool.queueSize).to.equal(0);
    expect(await pool.run(wanting(second, {}), { name: 'who' })).to.equal(second);
    expect(await stillOpen(next)).to.equal(true);
    wake(cell);
    expect(await lane).to.equal(first);
    expect(await next).to.equal(first);
  });

  it('a task sent to a busy thread is lost with it', async () => {
    const [pool, [first]] = await open(faithful, 1);
    const lane = outcome(pool.run(wanting(first, cell), { name: 'block' }));
    await blocked(cell);
    const next = outcome(pool.run(wanting(first, {}), { name: 'who' }));
    await pool.threads[0]?.terminate();
    expect(await next)
      .to.equal(await lane)
      .and.have.property('message', 'worker exited with code: 1');
  });

  it('a task for which the balancer answers null starts a new thread, up to maxThreads', async () => {
    const [pool, [first]] = await open(patient, 1, 2);
    const lane = pool.run(wanting(first, cell), { name: 'block' });
    await blocked(cell);
    const next = pool.run(wanting(first, {}), { name: 'who' });
    expect(pool.threads).to.have.length(2);
    expect(await stillOpen(next)).to.equal(true);
    wake(cell);
    expect(await lane).to.equal(first);
    expect(await next).to.equal(first);
  });

  it('at maxThreads it is queued, and holds up tasks for idle threads behind it', async () => {
    const [pool, [first, second]] = await open(patient, 2);
    const lane = pool.run(wanting(first, cell), { name: 'block' });
    await blocked(cell);
    const next = pool.run(wanting(first, {}), { name: 'who' });
    const other = pool.run(wanting(second, {}), { name: 'who' });
    expect(pool.queueSize).to.equal(2);
    expect(await stillOpen(other)).to.equal(true);
    wake(cell);
    expect(await Promise.all([lane, next, other])).to.eql([first, first, second]);
  });

  it('a task for a thread that is gone waits for ever, and is not told', async () => {
    const [pool] = await open(faithful, 1);
    const task = pool.run(wanting(-1, {}), { name: 'who' });
    expect(await stillOpen(task)).to.equal(true);
    void outcome(task);
  });

  it('the module and export of a task are given to the balancer, its argument is not', async () => {
    const tasks: object[] = [];
    const [pool] = await open((task, workers) => {
      tasks.push(task);
      return workers[0] ?? null;
    }, 1);
    await pool.run({ secret: 1 }, { name: 'who' });
    expect(tasks[0]).to.include({ name: 'who', isAbortable: false }).and.not.have.property('task');
  });

  /** One of two lanes is stuck, others take its place, and it comes back. */
  async function substitute(idleTimeout: number): Promise<void> {
    const pool = lanes.open({ minThreads: 2, maxThreads: 3, idleTimeout });
    const others = newCell();
    const stuck = pool.run(cell, { name: 'block' });
    await blocked(cell);
    const busy = [pool.run(others, { name: 'block' }), pool.run(others, { name: 'block' })];
    await blocked(others, 2);
    expect(pool.threads).to.have.length(3);
    wake(others);
    await Promise.all(busy);
    wake(cell);
    await stuck;
    for (let i = 0; i < 10; i++) await pool.run(undefined, { name: 'who' });
  }

  it('with idleTimeout: Infinity no healthy thread is removed while a substitute exists', async () => {
    await substitute(Infinity);
    await calm();
    expect([lanes.created, lanes.destroyed]).to.eql([3, 0]);
  });

  it('with the default idleTimeout of 0 healthy threads are removed', async () => {
    await substitute(0);
    await until(() => lanes.destroyed > 0);
  });
});
