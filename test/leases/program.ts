// A process of its own with a pool and leases in it, on the database of its first argument: one scenario after the other, and behind
// each the rows that are there.
import { setTimeout as pause } from 'node:timers/promises';
import { createPool, sql } from 'offthread';
import type * as units from '../lanes/units.js';

const [, , database] = process.argv;
process.on('warning', ({ name, message, ...rest }) =>
  console.log(
    name,
    (rest as { code?: string }).code,
    message.replace(/^\s+at .*program\.js.*$/m, '    at HERE').split('\n')[1],
  ),
);

const pool = await createPool<typeof units>({
  database: database as string,
  units: new URL('../lanes/units.js', import.meta.url),
  threads: 1,
});
const add = (runner: Pick<typeof pool, 'run'>, id: number) => runner.run(sql`insert into note (id) values (${id})`);

async function collect(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await pause(10);
    global.gc?.();
  }
}
async function forget(): Promise<void> {
  const lease = await pool.lease({ idleTimeout: Number.POSITIVE_INFINITY, totalTimeout: Number.POSITIVE_INFINITY });
  await add(lease, 1);
}

const scenarios: Record<string, () => Promise<void>> = {
  forgotten: async () => {
    await forget();
    await collect();
    console.log(await pool.run('add', [2]), await pool.run('ids'));
  },
  'forgotten with something under way': async () => {
    const begin = async () => {
      const lease = await pool.lease();
      return { call: lease.run('sleepAndAdd', [1, 300]) };
    };
    const { call } = await begin();
    await collect();
    console.log(await call.then(() => 'done'));
    await collect();
  },
  'expired, and nobody was told': async () => {
    const take = async () => add(await pool.lease({ idleTimeout: 20 }), 1);
    await take();
    console.log(await pool.run('ids'));
    await collect();
  },
  'expired, and somebody was told': async () => {
    const take = async () => {
      const lease = await pool.lease({ idleTimeout: 20 });
      await pool.run('ids');
      await lease.run('one').catch((error) => console.log(error.reason));
    };
    await take();
    await collect();
  },
  'kept by its units alone, while they are used': async () => {
    const use = async () => {
      const { units: kept } = await pool.lease();
      await collect();
      console.log(await kept.add(1));
      await collect();
      console.log(await kept.add(2));
    };
    await use();
    await collect();
  },
  'ended, and let go': async () => {
    const seen: WeakRef<object>[] = [];
    const take = async (end: 'commit' | 'rollback') => {
      const lease = await pool.lease();
      seen.push(new WeakRef(lease));
      await lease[end]();
    };
    for (let i = 0; i < 10; i++) {
      await take('commit');
      await take('rollback');
      await pool.transaction(async (tx) => void seen.push(new WeakRef(tx)));
      await pool.transaction((tx) => Promise.reject(seen.push(new WeakRef(tx)))).catch(() => {});
    }
    await collect();
    // The last one may be: whoever took it here has it still, as far as the engine knows.
    const kept = seen.filter((ref) => ref.deref() !== undefined).length;
    console.log(seen.length, 'taken,', kept > 2 ? kept : 'none', 'kept');
  },
  ended: async () => {
    const take = async (end: 'commit' | 'rollback', id: number) => {
      const lease = await pool.lease();
      await add(lease, id);
      await lease[end]();
    };
    await take('commit', 1);
    await take('rollback', 2);
    await pool.transaction((tx) => add(tx, 3));
    await collect();
    console.log(await pool.run('ids'));
  },
  // Nobody closes the pool: the process ends when the limits of the lease are over.
  open: async () => {
    const lease = await pool.lease({ idleTimeout: 300 });
    await add(lease, 1);
    console.log('open');
  },
};
for (const [name, run] of Object.entries(scenarios)) {
  console.log('begin', name);
  await run();
  // The last one leaves its lease open.
  if (run === scenarios.open) break;
  console.log('end', name, JSON.stringify(await pool.run('ids')));
  await pool.run('clear');
}
