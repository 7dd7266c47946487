import { expect } from 'chai';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: threads', () => {
  it('calls of one module run on one thread, in the order in which they were made, whomever they are made on', async () => {
    await using door = await Door.open();
    const shop = door.wrap('shop');
    const [one, two] = [await new shop.Basket(), await new shop.Basket()];
    const sizes = Promise.all([
      one.put('a'),
      two.take(one),
      one.put('b'),
      shop.note('x'),
      two.take(one),
      shop.note('y'),
      two.size,
    ]);
    expect((await sizes).filter((each) => typeof each === 'number')).to.deep.equal([1, 1, 3, 2, 3]);
    expect(await shop.order).to.deep.equal(['x', 'y']);
    const threads = await Promise.all(Array.from({ length: 10 }, () => shop.thread()));
    expect(new Set(threads).size).to.equal(1);
  });

  it('more calls than a thread has places for wait, in their order', async () => {
    await using door = await Door.open();
    const { note } = door.wrap('shop');
    const numbers = await Promise.all(Array.from({ length: 2_000 }, () => note('n')));
    expect(numbers).to.deep.equal(Array.from({ length: 2_000 }, (_, i) => i + 1));
  });

  it('with lanes, calls go round, each thread has its own state, and objects stay', async () => {
    await using door = await Door.open();
    const shop = door.wrap('shop', { lanes: 3 });
    const threads: number[] = [];
    for (let i = 0; i < 6; i++) threads.push(await shop.thread());
    expect(new Set(threads).size).to.equal(3);
    expect(threads.slice(3)).to.deep.equal(threads.slice(0, 3));
    expect([await shop.note('a'), await shop.note('b'), await shop.note('c'), await shop.note('d')]).to.deep.equal([
      1, 1, 1, 2,
    ]);
    const basket = await new shop.Basket();
    for (const name of ['a', 'b', 'c']) await basket.put(name);
    expect(await basket.size).to.equal(3);
    expect(door.pool.stats().lanes.map(({ role }) => role)).to.deep.equal(['wrapped', 'wrapped', 'wrapped']);
  });

  it('with lanes, a call with an object goes to that one, and not into two at once', async () => {
    await using door = await Door.open();
    const shop = door.wrap('shop', { lanes: 2 });
    const one = await shop.Basket.of('tea');
    const two = await shop.Basket.of('milk');
    for (let i = 0; i < 4; i++) expect(await shop.sizeOf(one)).to.equal(1);
    const error = await rejection(one.take(two));
    expect(error.message).to.include('Objects meet only on the thread that they were made on.');
  });

  it('with lanes, a thread that is busy is left out', async () => {
    await using door = await Door.open();
    const hazards = door.wrap('hazards', { lanes: 2 });
    const gate = new Gate();
    const held = hazards.hold(gate.buffer);
    await gate.reached();
    for (let i = 1; i <= 5; i++) expect(await hazards.count()).to.equal(i);
    gate.open();
    await held;
  });

  it('with lanes, a thread that has nothing to do takes over what waits behind a call that is long', async () => {
    await using door = await Door.open();
    const hazards = door.wrap('hazards', { lanes: 2 });
    const [gate, long] = [new Gate(), new Gate()];
    const held = [hazards.hold(gate.buffer), hazards.hold(long.buffer)];
    await Promise.all([gate.reached(), long.reached()]);
    const waiting = Array.from({ length: 40 }, () => hazards.count());
    const gone = new AbortController();
    const dropped = rejection(door.wrap('hazards', { signal: gone.signal }).count());
    gone.abort();
    await dropped;
    gate.open();
    // All of them on the one thread, while the other one is held.
    expect((await Promise.all(waiting)).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    long.open();
    await Promise.all(held);
    expect(door.pool.stats()).to.deep.include({ waiting: 0, running: 0 });
  });

  it('with lanes, each of many calls is run once, and answered', async () => {
    await using door = await Door.open();
    const { note } = door.wrap('shop', { lanes: 3 });
    const last = new Map<number, number>();
    const callers = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 200; i++) {
        const number = await note('n');
        last.set(number, (last.get(number) ?? 0) + 1);
      }
    });
    await Promise.all(callers);
    const most = [1, 2, 3].map((lanes) => [...last.values()].filter((count) => count >= lanes).length);
    expect(most.reduce((sum, count) => sum + count)).to.equal(1_600);
    expect(door.pool.stats()).to.deep.include({ waiting: 0, running: 0, fulfilled: 1_600 });
  });

  it('a module has as many lanes as it was first wrapped with', async () => {
    await using door = await Door.open();
    await door.wrap('shop', { lanes: 2 }).add(1, 2);
    expect(await door.wrap('shop').add(1, 2)).to.equal(3);
    expect(() => door.wrap('shop', { lanes: 3 })).to.throw(
      RangeError,
      'lanes must be 2, or left out: shop.js has been wrapped so before, not 3.',
    );
  });

  it('its calls are counted and listed with the lanes of the pool', async () => {
    await using door = await Door.open();
    const hazards = door.wrap('hazards');
    const gate = new Gate();
    const held = hazards.hold(gate.buffer);
    const { lanes } = door.pool.stats();
    expect(lanes).to.have.length(1);
    expect(lanes[0]).to.include({ role: 'wrapped', state: 'opening', calls: 1, module: 'hazards.js' });
    await gate.reached();
    const waiting = [hazards.count(), hazards.count()];
    const stats = door.pool.stats();
    expect(stats).to.include({ waiting: 2, running: 1 });
    expect(stats.lanes[0]).to.include({ state: 'busy', calls: 3, served: 0 });
    gate.open();
    await Promise.all([held, ...waiting]);
    const ended = door.pool.stats();
    expect(ended).to.include({ waiting: 0, running: 0, fulfilled: 3, rejected: 0 });
    expect(ended.lanes[0]).to.include({ state: 'idle', calls: 0, served: 3 });
  });

  it('more calls than maxQueue are refused', async () => {
    await using door = await Door.open({ maxQueue: 2 });
    const hazards = door.wrap('hazards');
    const gate = new Gate();
    const held = [hazards.hold(gate.buffer), hazards.count()];
    await gate.reached();
    const error = await rejection(hazards.count());
    expect(error).to.include({ code: 'OFFTHREAD_QUEUE_FULL', waiting: 1, running: 1, retryable: true });
    gate.open();
    expect(await Promise.all(held)).to.deep.equal(['let go', 1]);
  });

  it('timers of the module run on while nobody calls it', async () => {
    await using door = await Door.open();
    const shop = door.wrap('shop');
    const gate = Gate.opened();
    await shop.passLater(gate.buffer, 20);
    await gate.reached();
  });
});
