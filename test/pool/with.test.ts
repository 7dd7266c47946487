import { expect } from 'chai';
import { type CallOptions, DatabaseError, type Lease, type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import type * as shopUnits from './plain-units.js';
import { Shop } from './shop.js';

type Nested = Pool<typeof shopUnits>;

describe('pool.with', () => {
  let shop: Shop;
  let pool: Nested;
  before(async () => {
    shop = new Shop();
    pool = await shop.open<typeof shopUnits>({ units: new URL('./plain-units.js', import.meta.url) });
  });
  after(() => shop[Symbol.asyncDispose]());

  it('is the same pool with other defaults for run, units and plan', async () => {
    const mine = pool.with({ timeout: 200 });
    expect(await failureOf(mine.run('spin', [3_000]))).to.include({ code: 'OFFTHREAD_TIMEOUT', timeout: 200 });
    const [one, two, [three]] = await Promise.all([
      mine.run(sql`select 1 as one`),
      mine.units.userName(2),
      mine.run([mine.plan('userName', [1])]),
    ]);
    expect([one, two, three]).to.deep.equal([[{ one: 1 }], 'Grace', 'Ada']);
    expect(await pool.run('rest', [300])).to.equal('done');
  });

  it('yields to the options of a single call', async () => {
    expect(await pool.with({ timeout: 200 }).run('rest', [300], { timeout: 10_000 })).to.equal('done');
  });

  it('nests: the inner one keeps what it does not say', async () => {
    const outer = pool.with({ timeout: 200, queueTimeout: 10_000 });
    const inner = outer.with({ queueTimeout: 20_000 });
    expect(await failureOf(inner.run([inner.plan('spin', [3_000])]))).to.include({ timeout: 200 });
    expect(await outer.with({ timeout: 10_000 }).run('rest', [300])).to.equal('done');
  });

  for (const which of [0, 1, 2]) {
    it(`combines signals: any of three rejects with its own reason, such as number ${which}`, async () => {
      const controllers = [0, 1, 2].map(() => new AbortController()) as [
        AbortController,
        AbortController,
        AbortController,
      ];
      const [pools, request, call] = controllers;
      const inner = pool.with({ signal: pools.signal }).with({ signal: request.signal });
      const busy = pool.run('rest', [50]);
      const pending = inner.run('userName', [1], { signal: call.signal });
      const reason = new Error(`of ${which}`);
      controllers[which]?.abort(reason);
      expect(await failureOf(pending)).to.equal(reason);
      expect(await busy).to.equal('done');
    });
  }

  it('refuses a call whose signal was aborted before, with the reason', async () => {
    const mine = pool.with({ signal: AbortSignal.abort('enough') });
    expect(await failureOf(mine.run('userName', [1]))).to.equal('enough');
    expect(await failureOf(mine.units.userName(1))).to.equal('enough');
  });

  it('leaves no listener on a signal that outlives its calls', async () => {
    const { signal } = new AbortController();
    const listeners = { added: 0, removed: 0 };
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      listeners.added++;
      Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners.removed++;
      Reflect.apply(removeEventListener, signal, args);
    };
    const mine = pool.with({ signal });
    await Promise.all([1, 2, 3].map((id) => mine.run('userName', [id])));
    expect(listeners.added).to.be.greaterThan(0);
    expect(listeners.removed).to.equal(listeners.added);
  });

  describe('has leases and transactions', () => {
    const rename = (tx: Lease<typeof shopUnits>) => tx.run(sql`update user set name = 'Eve' where id = 1`);

    it('which commit, and are those of the same pool', async () => {
      const mine = pool.with({ timeout: 5_000 }).with({ queueTimeout: 5_000 });
      expect(await mine.transaction((tx) => tx.run('userName', [2]))).to.equal('Grace');
      const lease = await mine.lease({ access: 'read' });
      expect(pool.stats().lanes.filter(({ state }) => state === 'held')).to.have.length(1);
      expect(await lease.run('userName', [1])).to.equal('Ada');
      await lease.rollback();
    });

    it('whose calls have its timeout, unless theirs is another', async () => {
      const mine = pool.with({ timeout: 200 });
      const outcomes = await mine.transaction(async (tx) => [
        await failureOf(tx.run('ask')),
        await tx.run('rest', [300], { timeout: 10_000 }),
      ]);
      expect(outcomes[0]).to.include({ code: 'OFFTHREAD_TIMEOUT', timeout: 200 });
      expect(outcomes[1]).to.equal('done');
    });

    it('which its signal ends: they are rolled back, and told the reason', async () => {
      const controllers = [new AbortController(), new AbortController()] as const;
      const mine = pool.with({ signal: controllers[0].signal }).with({ signal: controllers[1].signal });
      const reason = new Error('the request is over');
      const ended = failureOf(
        mine.transaction(async (tx) => {
          await rename(tx);
          controllers[1].abort(reason);
          await new Promise(() => {});
        }),
      );
      expect(await ended).to.equal(reason);
      expect(await failureOf(mine.lease())).to.equal(reason);
      expect(await pool.run('userName', [1])).to.equal('Ada');
    });

    it('which are begun once, however often a call of it may run again, and are transactions where its calls are none', async () => {
      let runs = 0;
      const error = await failureOf(
        pool.with({ retries: 5, transaction: false }).transaction(async (tx) => {
          runs++;
          await rename(tx);
          throw new DatabaseError('busy', { code: 'SQLITE_BUSY', kind: 'busy' });
        }),
      );
      expect(error).to.have.property('kind', 'busy');
      expect(runs).to.equal(1);
      expect(await pool.run('userName', [1])).to.equal('Ada');
    });

    it('which are refused when the pool is closed', async () => {
      const closed = await shop.open();
      const mine = closed.with({ timeout: 5_000 });
      await closed.close();
      for (const attempt of [() => mine.lease(), () => mine.transaction(() => 1)])
        expect(await failureOf(attempt)).to.have.property('name', 'PoolClosedError');
    });
  });

  for (const [options, message] of [
    [{ timeout: 0 }, 'timeout must be more than 0 milliseconds, or Infinity for no limit, not 0.'],
    [{ queueTimeout: '5' }, "queueTimeout must be a number of milliseconds, or Infinity, not '5'."],
    [{ retries: -1 }, 'retries must be a whole number from 0, not -1.'],
    [{ signal: 'stop' }, "signal must be an AbortSignal, not 'stop'."],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal, not an object (AbortController).'],
    [{ transaction: true }, 'transaction must be false, or left out, not true.'],
    [
      { time: 5 },
      "The call options has no option 'time'. The options are signal, timeout, queueTimeout, retries, transaction, isolation, report.",
    ],
    [{ timeOut: 5 }, "The call options has no option 'timeOut'. Did you mean 'timeout'?"],
    [
      { isolation: 'snapshot' },
      "isolation must be one of 'read uncommitted', 'read committed', 'repeatable read', 'serializable', not 'snapshot'.",
    ],
    [{ report: 1 }, 'report must be true, or left out, not 1.'],
    [
      7,
      'The call options must be an object of options (signal, timeout, queueTimeout, retries, transaction, isolation, report), not 7.',
    ],
  ] as const) {
    it(`refuses what a call refuses: ${message}`, async () => {
      const bad = options as unknown as CallOptions;
      for (const attempt of [() => pool.with(bad), () => pool.run('userName', [1], bad), () => pool.ping(bad)]) {
        const error = await failureOf(attempt);
        expect(error.message).to.equal(message);
        expect(error).to.have.property('code', 'OFFTHREAD_OPTION');
      }
    });
  }

  it('has no report for all calls alike: it would change what each of them answers', async () => {
    const error = await failureOf(() => pool.with({ report: true } as CallOptions));
    expect(error.message).to.equal('report is no default: it belongs to a single call, pool.run(…, { report: true }).');
    expect(error).to.be.instanceOf(TypeError).and.have.property('code', 'OFFTHREAD_OPTION');
  });
});
