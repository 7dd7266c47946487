import { availableParallelism } from 'node:os';
import { createPool, type Pool, type PoolOptions } from '../../lib/index.js';
import type * as units from './units.js';

export type BenchPool = Pool<typeof units>;

/** As many readers as a pool has by default. */
export const READERS = Math.min(availableParallelism(), 4);

export function openPool(path: string, options: Omit<PoolOptions, 'database'> = {}): Promise<BenchPool> {
  return createPool<typeof units>({
    database: `sqlite:${path}`,
    units: new URL('./units.js', import.meta.url),
    ...options,
  });
}
