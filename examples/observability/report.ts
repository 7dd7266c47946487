import type { Pool } from 'offthread';
import type * as units from './units.js';

/** Says what a call took. */
export async function explain(pool: Pool<typeof units>): Promise<string> {
  const { result, report } = await pool.run('shelf', [], { report: true });
  const { queries, lazyLoads, rows, attempts, wait, run } = report;
  const counts = `${queries} queries, ${lazyLoads} lazy load, ${rows} rows, ${attempts} attempt`;
  return `${result.length} line: ${counts}, waited ${wait.toFixed(1)} ms, ran ${run.toFixed(1)} ms`;
}
