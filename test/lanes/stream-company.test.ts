import { expect } from 'chai';
import { type Stream, sql } from 'offthread';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

/** Within so long everything is served that is not held up for ever. */
const BRIEF = { queueTimeout: 5_000 };
type Three = readonly [Stream<number>, Stream<number>, Stream<number>];

onEach('lanes: streams leave a lane to others', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let one: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2, ...BRIEF });
    one = await stage.open({ threads: 1, ...BRIEF });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  const count = sql`select count(*) as n from note`;

  it('so that a consumer may ask for anything between two rows', async () => {
    const { lanesLost } = pool.stats();
    for await (const i of pool.stream('streams.upTo', [5_000])) {
      if (i % 1_000 !== 0) continue;
      await pool.run('add', [i]);
      expect(await pool.run('has', [i])).to.equal(true);
      // Not known to read or to write before it is prepared.
      await pool.run(sql`update note set body = 'seen' where id = ${i}`);
    }
    expect(await pool.run('bodies')).to.deep.equal(new Array(5).fill('seen'));
    expect(pool.stats()).to.include({ lanesLost, running: 0, waiting: 0 });
  });

  it('and wait in their order until one before them has ended', async () => {
    const gates = [Gate.opened(), Gate.opened(), Gate.opened()] as const;
    const [first, second, third] = gates.map(({ buffer }) =>
      pool.stream('streams.stepping', [buffer]),
    ) as unknown as Three;
    await first.next();
    const waiting = [second.next(), third.next()];
    // What comes behind them is served all the same.
    expect(await pool.run(count)).to.deep.equal([{ n: 0 }]);
    await pool.run('add', [1]);
    expect(pool.stats()).to.include({ waiting: 2, running: 1 });
    expect(gates.map((gate) => gate.count > 0)).to.deep.equal([true, false, false]);
    await first.return();
    expect((await waiting[0])?.value).to.equal(1);
    expect(pool.stats()).to.include({ waiting: 1, running: 1 });
    await second.return();
    expect((await waiting[1])?.value).to.equal(1);
    await third.return();
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('and one that waits hears of its signal, its queueTimeout and its end', async () => {
    const held = pool.stream('streams.stepping', [Gate.opened().buffer]);
    await held.next();
    const caller = new AbortController();
    const aborted = rejection(pool.stream('streams.upTo', [1], { signal: caller.signal }).next());
    const late = rejection(pool.stream('streams.upTo', [1], { queueTimeout: 50 }).next());
    const left = pool.stream('streams.upTo', [1]);
    const pending = left.next();
    await pool.run('one');
    caller.abort('mine');
    expect(await aborted).to.equal('mine');
    expect((await late).message).to.include(
      'The lanes are busy, 1 of them held by leases and streams: end those sooner, or raise',
    );
    await left.return();
    expect(await pending).to.deep.equal({ value: undefined, done: true });
    expect(pool.stats()).to.include({ waiting: 0, running: 1 });
    await held.return();
  });

  it('and one behind another that was given up begins as soon as that has let its lane go', async () => {
    for (let i = 0; i < 20; i++) {
      const caller = new AbortController();
      const first = pool.stream('streams.upTo', [1_000_000], { signal: caller.signal });
      await first.next();
      caller.abort('mine');
      expect(await rejection(first.next())).to.equal('mine');
      const second = pool.stream('streams.upTo', [2]);
      expect(await second.next()).to.deep.equal({ value: 1, done: false });
      await second.return();
    }
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('where there is only one, which they then have for themselves', async () => {
    const held = one.stream('streams.stepping', [Gate.opened().buffer]);
    await held.next();
    const read = one.run('one');
    const written = one.run('add', [2]);
    await held.return();
    expect([await read, await written]).to.deep.equal([1, 2]);
  });

  it('where there is only one: whoever does not await his calls between two rows has them behind the last', async () => {
    const asked: Promise<unknown>[] = [];
    for await (const i of one.stream('streams.upTo', [5_000])) if (i % 1_000 === 0) asked.push(one.run('add', [i]));
    expect(await Promise.all(asked)).to.have.length(5);
    expect(await one.run(count)).to.deep.equal([{ n: 5 }]);
  });

  it('where there is only one: whoever awaits a call between two rows is told what has held it up', async () => {
    const brief = one.with({ queueTimeout: 50 });
    let rows = 0;
    for await (const _ of one.stream('streams.upTo', [5_000])) {
      if (rows++ > 0) continue;
      const error = await rejection(brief.run('one'));
      expect(error).to.include({ code: 'OFFTHREAD_QUEUE_TIMEOUT', held: 1 });
      expect(error.message).to.include(
        'The lanes are busy, 1 of them held by leases and streams: end those sooner, or raise',
      );
    }
    expect(rows).to.equal(5_000);
    expect(await one.run('one')).to.equal(1);
  });

  on(dialect, 'sqlite')('of several readers: what is read comes from those that are free', async () => {
    const many = await stage.open({ threads: 3, ...BRIEF });
    const first = many.stream('streams.stepping', [Gate.opened().buffer]);
    const second = many.stream('streams.stepping', [Gate.opened().buffer]);
    await first.next();
    const waiting = second.next();
    const lanes = await Promise.all(Array.from({ length: 8 }, () => many.run(sql`select lane() as lane`)));
    expect(new Set(lanes.flat().map((row) => (row as { lane: string }).lane))).to.deep.equal(new Set(['reader']));
    expect(many.stats()).to.include({ waiting: 1, running: 1 });
    await first.return();
    await waiting;
    await second.return();
  });
});
