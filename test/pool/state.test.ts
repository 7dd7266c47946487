import { expect } from 'chai';
import { sql } from 'offthread';
import { failureOf } from './failure.js';
import type * as shopUnits from './plain-units.js';
import { Shop } from './shop.js';

const units = new URL('./plain-units.js', import.meta.url);

describe("a pool's state", () => {
  it('counts what was answered, and shows what waits and what runs', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units, threads: 2 });
    const none = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    const [writer, reader] = pool.stats().lanes.map(({ id }) => id) as [number, number];
    expect(reader).to.equal(writer + 1);
    const idle = { state: 'idle', calls: 0, served: 0 };
    expect(pool.stats()).to.deep.equal({
      waiting: 0,
      oldestWait: 0,
      running: 0,
      fulfilled: 0,
      rejected: 0,
      batches: 0,
      waits: none,
      runs: none,
      groups: { count: 0, writes: 0, largest: 0 },
      lanes: [
        { id: writer, role: 'writer', ...idle },
        { id: reader, role: 'reader', ...idle },
      ],
      lanesLost: 0,
      lanesRetired: 0,
    });

    const call = pool.run('userName', [1]);
    expect(pool.stats()).to.include({ waiting: 1, running: 0 });
    await Promise.resolve();
    expect(pool.stats()).to.include({ waiting: 0, running: 1, batches: 1 });
    expect(pool.stats().lanes[1]).to.deep.include({ state: 'busy', calls: 1 });
    await call;
    await failureOf(pool.run(sql`select * from nowhere`));
    expect(pool.stats()).to.include({ waiting: 0, running: 0, fulfilled: 1, rejected: 1, batches: 2 });
    expect(pool.stats().lanes[1]).to.deep.equal({ id: reader, role: 'reader', ...idle, served: 2 });
    expect(pool.stats().waits.count).to.equal(2);
    expect(pool.stats().runs.count).to.equal(2);
  });

  it('shows that calls of one turn cross in one batch, and that ping asks a reader and the writer', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units, threads: 2 });
    await Promise.all([1, 2, 1, 2].map((id) => pool.run('userName', [id])));
    expect(pool.stats()).to.include({ batches: 1, fulfilled: 4 });
    expect(await pool.ping()).to.be.greaterThan(0);
    expect(pool.stats()).to.include({ batches: 3, fulfilled: 6 });
  });

  it('is closed with options that are known, and else goes on', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units });
    const close = (options: unknown) => () => pool.close(options as { timeout: number });
    expect(close({ timeOut: 5 })).to.throw(TypeError, "close() has no option 'timeOut'. Did you mean 'timeout'?");
    expect(close(5)).to.throw(TypeError, 'close() must be an object of options (timeout), not 5.');
    expect(await pool.run('userName', [1])).to.be.a('string');
  });

  it('closed: no call is taken any more, and the error says which', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units });
    const mine = pool.with({ timeout: 100 });
    await pool.close();
    const hint = 'Close it after the last call has settled.';
    for (const [call, what] of [
      [() => pool.run('userName', [1]), "the unit 'userName'"],
      [() => mine.units.userName(1), "the unit 'userName'"],
      [() => pool.run(sql`select 1`), 'the query select 1'],
      [() => pool.run([pool.plan('userName', [1]), sql`select 1`]), 'the list of 2 plans'],
      [() => pool.ping(), 'the query select 1'],
    ] as const) {
      const error = await failureOf(call);
      expect(error.message).to.equal(`The pool is closed, so ${what} was not run. ${hint}`);
      expect(error).to.include({ name: 'PoolClosedError', code: 'OFFTHREAD_POOL_CLOSED' });
    }
    expect(pool.stats().lanes).to.deep.equal([]);
  });
});
