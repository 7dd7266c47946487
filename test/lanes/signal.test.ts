import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

onEach('lanes: a signal', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let caller: AbortController;
  let reason: unknown;

  before(async () => {
    stage = await newStage();
    pool = await stage.open();
  });
  beforeEach(async () => {
    await pool.run('clear');
    caller = new AbortController();
    reason = { why: 'the caller has gone' };
  });
  afterEach(() => expect(getEventListeners(caller.signal, 'abort')).to.deep.equal([]));
  after(() => stage.remove());

  on(dialect, 'sqlite')(
    'ends a read whose large answer is on its way: what comes of it is dropped, and its lane serves on',
    async () => {
      const { lanesLost, rejected } = pool.stats();
      const many = sql`with recursive step(i) as (select 1 union all select i + 1 from step where i < 300000) select i from step`;
      const call = rejection(pool.run(many, { signal: caller.signal }));
      await turn();
      // Nothing is read here meanwhile: the lane has sent what may be on its way, and waits.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      caller.abort(reason);
      expect(await call).to.equal(reason);
      expect(await pool.run('one')).to.equal(1);
      expect(pool.stats()).to.include({ lanesLost, rejected: rejected + 1, running: 0 });
    },
  );

  it('that was aborted before rejects with its reason, and nothing crosses', async () => {
    caller.abort(reason);
    const { batches } = pool.stats();
    const { signal } = caller;
    for (const call of [
      () => pool.run('add', [1], { signal }),
      () => pool.run(sql`insert into note (id) values (1)`, { signal }),
      () => pool.run([pool.plan('add', [1])], { signal }),
      () => pool.with({ signal }).units.add(1),
      () => pool.ping({ signal }),
    ])
      expect(await rejection(call())).to.equal(reason);
    expect(pool.stats()).to.include({ batches, waiting: 0, running: 0 });
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  it('that is aborted in the turn of the call rejects, and nothing crosses', async () => {
    const { batches } = pool.stats();
    const calls = [pool.run('add', [1], { signal: caller.signal }), pool.run('ids', [], { signal: caller.signal })];
    caller.abort(reason);
    expect(await Promise.all(calls.map((call) => rejection(call)))).to.deep.equal([reason, reason]);
    await turn();
    expect(pool.stats()).to.include({ batches, waiting: 0, running: 0 });
  });

  for (const [name, given] of [
    ['an error', new RangeError('mine')],
    ['a text', 'just so'],
    ['null', null],
    ['0', 0],
  ] as const) {
    it(`rejects with signal.reason itself, also ${name}`, async () => {
      const gate = Gate.opened();
      const told = rejection(pool.run('work', [1, gate.buffer], { signal: caller.signal }));
      await gate.reached();
      caller.abort(given);
      expect(await told).to.equal(given);
    });
  }

  it("without a reason rejects with the platform's AbortError, and AbortSignal.timeout with its TimeoutError", async () => {
    const gate = Gate.opened();
    const told = rejection<DOMException>(pool.run('work', [1, gate.buffer], { signal: caller.signal }));
    await gate.reached();
    caller.abort();
    expect(await told)
      .to.be.instanceOf(DOMException)
      .with.property('name', 'AbortError');
    const late = rejection<DOMException>(pool.run('work', [1, gate.buffer], { signal: AbortSignal.timeout(20) }));
    expect(await late)
      .to.be.instanceOf(DOMException)
      .with.property('name', 'TimeoutError');
  });

  it('that is aborted after the answer has no effect, on whatever runs then', async () => {
    expect(await pool.run('add', [1], { signal: caller.signal })).to.equal(1);
    expect(await pool.run('ids', [], { signal: caller.signal })).to.deep.equal([1]);
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    caller.abort(reason);
    gate.open();
    await held;
    expect(await pool.run('ids')).to.deep.equal([1]);
  });

  it('keeps no listener, whatever became of the call', async () => {
    const { signal } = caller;
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    const settled = Promise.allSettled([
      pool.run('add', [1], { signal }),
      pool.run('add', [2], { signal, queueTimeout: 20 }),
      pool.run('hazard.fail', [3], { signal }),
      pool.run('one', [], { signal }),
      pool.run('nope' as 'one', [], { signal }),
      pool.run('add', [Symbol('no data') as unknown as number], { signal }),
    ]);
    expect(getEventListeners(signal, 'abort')).not.to.deep.equal([]);
    await rejection(pool.run('add', [4], { signal, queueTimeout: 60 }));
    gate.open();
    await held;
    const statuses = (await settled).map(({ status }) => status);
    expect(statuses).to.deep.equal(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'rejected', 'rejected']);
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
  });

  it('may be given with many calls at once, and Node warns of nothing', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    await Promise.all(Array.from({ length: 50 }, () => pool.run('one', [], { signal: caller.signal })));
    await turn();
    process.off('warning', listen);
    expect(warnings).to.deep.equal([]);
  });

  on(dialect, 'sqlite')('that is aborted while a reader hands the call on to the writer, drops it', async () => {
    const told = Promise.allSettled([
      pool.run(sql`insert into note (id, body) values (1, 'handed on')`, { signal: caller.signal }),
    ]);
    await Promise.resolve();
    // While this thread is blocked the reader hands it on, and nobody hears of it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    caller.abort(reason);
    expect(await told).to.deep.equal([{ status: 'rejected', reason }]);
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  it('of pool.with and one of the call both stop it', async () => {
    for (const which of ['of with', 'of the call']) {
      const [outer, inner] = [new AbortController(), new AbortController()];
      const gate = Gate.opened();
      const told = rejection(
        pool.with({ signal: outer.signal }).run('work', [1, gate.buffer], { signal: inner.signal }),
      );
      await gate.reached();
      (which === 'of with' ? outer : inner).abort(which);
      expect(await told).to.equal(which);
    }
  });
});
