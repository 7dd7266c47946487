// Compiled, never run: leases and transactions, as the caller sees them.
import {
  createPool,
  type Lease,
  type LeaseOptions,
  type PoolWith,
  type Runner,
  sql,
  type TransactionOptions,
} from 'offthread';
import { type Equal, is } from './equal.js';
import type * as units from './shop.js';

const pool = await createPool<typeof units>({
  database: 'sqlite::memory:',
  units: new URL('./shop.js', import.meta.url),
});

await using lease = await pool.lease({ access: 'read', idleTimeout: 5, totalTimeout: Number.POSITIVE_INFINITY });
is<Equal<typeof lease, Lease<typeof units>>>();
is<typeof lease extends Runner<typeof units> ? true : false>();

// What is run in it is typed as on the pool.
const page = await lease.run('userPage', [7], { timeout: 500 });
is<Equal<typeof page, Awaited<ReturnType<typeof pool.units.userPage>>>>();
const rows = await lease.run(sql<{ one: number }>`select 1 as one`);
is<Equal<typeof rows, { one: number }[]>>();
const [renamed] = await lease.run([lease.plan('rename', [7, 'Ada'])]);
is<Equal<typeof renamed, void>>();
is<Equal<typeof lease.units, typeof pool.units>>();

// A savepoint and a transaction answer with what their function answers, awaited.
const inner = await lease.savepoint((within) => {
  is<Equal<typeof within, Lease<typeof units>>>();
  return within.savepoint(() => 7);
});
is<Equal<typeof inner, number>>();
const done = await pool.transaction(async (tx) => ({ id: await tx.run('nothing') }), { retries: 3 });
is<Equal<typeof done, { id: number }>>();
is<Equal<Parameters<Parameters<typeof pool.transaction>[0]>[0], Lease<typeof units>>>();
const nothing = await pool.transaction(() => {});
is<Equal<typeof nothing, void>>();
is<Equal<Awaited<ReturnType<typeof lease.commit>>, void>>();
is<'retries' extends keyof LeaseOptions ? false : true>();
is<'transaction' extends keyof TransactionOptions ? false : true>();

// Pools whose units nobody has typed.
const loose = await createPool({ database: 'sqlite::memory:' });
await loose.transaction(async (tx) => tx.run('whatever', [1, 2]));

// The same of a pool with other defaults, however often they are given.
const mine = pool.with({ timeout: 5 }).with({ queueTimeout: 5 });
is<Equal<typeof mine, PoolWith<typeof units>>>();
is<Equal<Awaited<ReturnType<typeof mine.lease>>, typeof lease>>();
const counted = await mine.transaction(async (tx) => (await tx.run('userPage', [7])) !== undefined);
is<Equal<typeof counted, boolean>>();
