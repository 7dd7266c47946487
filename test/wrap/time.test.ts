import { expect } from 'chai';
import { ObjectGoneError, TimeoutError } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: time and signals', () => {
  it('a call that blocks its thread for longer than its timeout is ended with it, and the next opens a fresh graph', async () => {
    await using door = await Door.open();
    const patient = door.wrap('hazards');
    const hasty = door.wrap('hazards', { timeout: 50 });
    expect(await patient.count()).to.equal(1);
    const thing = await new patient.Thing();
    const error = await rejection(hasty.loop());
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ timeout: 50, what: 'loop() of hazards.js', outcome: 'unknown' });
    // It is still ending; what comes behind it goes with it, unless it comes when it is gone.
    const behind = await rejection(patient.count());
    expect(behind).to.include({ code: 'OFFTHREAD_LANE_LOST', outcome: 'not-committed' });
    expect(behind.message).to.match(
      /^The thread that ran count\(\) of hazards\.js ended \(it was stuck in a call whose time was over\)\./,
    );
    expect(await patient.count()).to.equal(1);
    const gone = await rejection(thing.count());
    expect(gone).to.be.instanceOf(ObjectGoneError);
    expect(gone.message).to.equal(
      'count() of a Thing of hazards.js was not run: it went with its thread, which ended (it was stuck in a call whose time was over). Make another one: the functions and classes of the module itself can be called again.',
    );
    expect(door.pool.stats().lanesLost).to.equal(1);
  });

  it('an async function that takes too long is given up, and its thread goes on', async () => {
    await using door = await Door.open();
    const patient = door.wrap('hazards');
    await patient.count();
    const gate = new Gate();
    const error = await rejection(door.wrap('hazards', { timeout: 30 }).holdAsync(gate.buffer));
    expect(error).to.be.instanceOf(TimeoutError);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await patient.count()).to.equal(2);
    expect(door.pool.stats().lanesLost).to.equal(0);
    gate.open();
  });

  it('the timeout counts from when a call is begun, not while it waits', async () => {
    await using door = await Door.open();
    const patient = door.wrap('hazards');
    const gate = new Gate();
    const held = patient.hold(gate.buffer);
    await gate.reached();
    const waiting = door.wrap('hazards', { timeout: 300 }).count();
    await new Promise((resolve) => setTimeout(resolve, 500));
    gate.open();
    expect([await held, await waiting]).to.deep.equal(['let go', 1]);
  });

  it('a call that waits longer than queueTimeout is rejected, and is not run later', async () => {
    await using door = await Door.open();
    const patient = door.wrap('hazards');
    const gate = new Gate();
    const held = patient.hold(gate.buffer);
    await gate.reached();
    const error = await rejection(door.wrap('hazards', { queueTimeout: 30 }).count());
    expect(error).to.include({ code: 'OFFTHREAD_QUEUE_TIMEOUT', what: 'count() of hazards.js', running: 1 });
    gate.open();
    await held;
    expect(await patient.count()).to.equal(1);
  });

  it('an object answers with the options of the call that it came from', async () => {
    await using door = await Door.open();
    // The thread has to start first.
    await door.wrap('hazards').count();
    const thing = await new (door.wrap('hazards', { queueTimeout: 700 }).Thing)();
    const gate = new Gate();
    const held = door.wrap('hazards').hold(gate.buffer);
    await gate.reached();
    expect(await rejection(thing.count())).to.include({ code: 'OFFTHREAD_QUEUE_TIMEOUT' });
    gate.open();
    await held;
    expect(await thing.count()).to.equal(2);
  });

  it('a signal drops what waits, and leaves what runs to its end', async () => {
    await using door = await Door.open();
    const patient = door.wrap('hazards');
    const aborter = new AbortController();
    const mine = door.wrap('hazards', { signal: aborter.signal });
    const gate = new Gate();
    const running = rejection(mine.hold(gate.buffer));
    await gate.reached();
    const waiting = rejection(mine.count());
    const other = patient.count();
    const reason = new Error('the client has left');
    aborter.abort(reason);
    expect([await running, await waiting]).to.deep.equal([reason, reason]);
    expect(await running).to.equal(reason);
    gate.open();
    // The one that was dropped has not counted.
    expect(await other).to.equal(1);
    expect(await rejection(mine.count())).to.equal(reason);
    expect(door.pool.stats().lanesLost).to.equal(0);
  });
});
