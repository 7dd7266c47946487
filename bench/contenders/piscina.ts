import { Piscina } from 'piscina';
import { READERS } from './pool.js';

/** One task per call, with as many threads as the pool has readers. */
export function openPiscina(path: string): Piscina<number, unknown> {
  return new Piscina<number, unknown>({
    filename: new URL('./piscina-task.js', import.meta.url).href,
    workerData: path,
    minThreads: READERS,
    maxThreads: READERS,
    idleTimeout: Number.POSITIVE_INFINITY,
  });
}
