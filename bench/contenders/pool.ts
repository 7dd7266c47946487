import { availableParallelism } from 'node:os';
import type { Pool, PoolOptions } from 'offthread';
import { loadPlans } from './plans.js';
import type * as units from './units.js';

export type UnitPool = Pool<typeof units>;

/** As many readers as a pool has by default. */
export const READERS = Math.min(availableParallelism(), 4);

type Options = Omit<PoolOptions, 'database' | 'units'>;

/** Opens a pool for plans, and makes them ready. */
export async function openPool(path: string, options: Options = {}): Promise<Pool> {
  await loadPlans();
  const { createPool } = await import('offthread');
  return await createPool({ database: `sqlite:${path}`, ...options });
}

/** The same for units. */
export async function openUnitPool(path: string, options: Options = {}): Promise<UnitPool> {
  await loadPlans();
  const { createPool } = await import('offthread');
  return await createPool<typeof units>({
    database: `sqlite:${path}`,
    units: new URL('./units.js', import.meta.url),
    ...options,
  });
}
