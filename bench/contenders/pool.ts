import { availableParallelism } from 'node:os';
import type { Pool, PoolOptions } from '../../lib/index.js';
import { loadPlans } from './plans.js';
import type * as units from './units.js';

export type BenchPool = Pool<typeof units>;

/** As many readers as a pool has by default. */
export const READERS = Math.min(availableParallelism(), 4);

/** Opens a pool, and makes its plans ready. */
export async function openPool(path: string, options: Omit<PoolOptions, 'database'> = {}): Promise<BenchPool> {
  await loadPlans();
  const { createPool } = await import('../../lib/index.js');
  return await createPool<typeof units>({
    database: `sqlite:${path}`,
    units: new URL('./units.js', import.meta.url),
    ...options,
  });
}
