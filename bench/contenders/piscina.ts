import type { Piscina as Threads } from 'piscina';
import { READERS } from './pool.js';

/** One task per call, with as many threads as the pool has readers. */
export async function openPiscina(path: string): Promise<Threads<number, unknown>> {
  const { Piscina } = await import('piscina');
  return new Piscina<number, unknown>({
    filename: new URL('./piscina-task.js', import.meta.url).href,
    workerData: path,
    minThreads: READERS,
    maxThreads: READERS,
    idleTimeout: Number.POSITIVE_INFINITY,
  });
}
