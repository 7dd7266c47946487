import { expect } from 'chai';
import type { DatabaseError } from 'offthread';
import { failureOf } from './failure.js';
import type * as shopUnits from './plain-units.js';
import { Shop } from './shop.js';

const units = new URL('./plain-units.js', import.meta.url);

describe('an option of the threads', () => {
  it('execArgv, env and resourceLimits are what the units find', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({
      units,
      threads: 1,
      execArgv: ['--no-warnings', '--conditions=test'],
      env: { OFFTHREAD_TEST: 'of the pool' },
      resourceLimits: { maxOldGenerationSizeMb: 123 },
    });
    expect(await pool.run('thread')).to.deep.equal({
      limit: 123,
      flags: ['--no-warnings', '--conditions=test'],
      env: 'of the pool',
    });
  });

  it('env is the environment of the process where it is left out', async () => {
    await using shop = new Shop();
    process.env.OFFTHREAD_TEST = 'of the process';
    try {
      const pool = await shop.open<typeof shopUnits>({ units });
      expect((await pool.run('thread')).env).to.equal('of the process');
    } finally {
      delete process.env.OFFTHREAD_TEST;
    }
  });

  it('execArgv with a flag that threads do not take is refused with its name', async () => {
    await using shop = new Shop();
    const error = await failureOf(shop.open({ execArgv: ['--expose-gc', '--no-such-flag'] }));
    expect(error.message).to.include('--no-such-flag').and.include('execArgv');
  });

  it('timeout is for calls: a short one leaves time enough to open', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ units, timeout: 5 });
    expect(await pool.run('userName', [1], { timeout: 10_000 })).to.equal('Ada');
    const error = await failureOf(pool.run('spin', [2_000]));
    expect(error.message).to.equal(
      "The unit 'spin' ran longer than timeout = 5 ms and was stopped. Nothing of it was committed, unless outcome says unknown. Make it shorter, or raise timeout.",
    );
  });

  it('close() takes a timeout longer than any timer as no limit', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units });
    const [answer] = await Promise.all([pool.run('rest', [150]), pool.close({ timeout: 2 ** 40 })]);
    expect(answer).to.equal('done');
  });

  it('retries is how often a call runs again that the database rolled back whole', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units, retries: 2 });
    const error = (await failureOf(pool.run('stale', [shop.file]))) as unknown as DatabaseError;
    expect(error).to.include({ kind: 'stale-snapshot', code: 'SQLITE_BUSY_SNAPSHOT', retryable: true });
    expect(await pool.run('attemptsSoFar')).to.equal(3);
    await failureOf(pool.run('stale', [shop.file], { retries: 0 }));
    expect(await pool.run('attemptsSoFar')).to.equal(4);
    expect(shop.outside.prepare('select name from user order by id').pluck().all()).to.deep.equal(['Ada', 'Grace!!!!']);
  });

  it('maxQueue is how many calls may wait', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units, maxQueue: 2 });
    const calls = await Promise.allSettled([1, 2, 1].map((id) => pool.run('userName', [id])));
    const [first, second, third] = calls.map((call) => (call.status === 'fulfilled' ? call.value : call.reason));
    expect([first, second]).to.deep.equal(['Ada', 'Grace']);
    expect(third).to.include({ code: 'OFFTHREAD_QUEUE_FULL', maxQueue: 2, waiting: 2, retryable: true });
    expect(third.message).to.equal(
      'The queue holds maxQueue = 2 calls (2 waiting, 0 on 1 lane), so this one was refused. Send less at once, or raise maxQueue.',
    );
  });

  it('queueTimeout is how long a call may wait', async () => {
    await using shop = new Shop();
    const pool = await shop.open<typeof shopUnits>({ units, queueTimeout: 50 });
    const busy = pool.run('rest', [400], { queueTimeout: 10_000 });
    const error = await failureOf(pool.run('userName', [1]));
    expect(error.message).to.match(/^The unit 'userName' waited queueTimeout = 50 ms and was never begun/);
    expect(error).to.include({ code: 'OFFTHREAD_QUEUE_TIMEOUT', queueTimeout: 50, retryable: true });
    expect(await busy).to.equal('done');
  });
});
