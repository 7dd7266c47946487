import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Cutting } from './proxy-thread.js';

/** A way to a server that cuts everything into pieces; it listens on a port of its own. */
export async function startProxy(cutting: Cutting): Promise<{ readonly port: number; stop(): Promise<unknown> }> {
  const thread = new Worker(new URL('./proxy-thread.js', import.meta.url), { workerData: cutting });
  const [port] = (await once(thread, 'message')) as [number];
  return { port, stop: () => thread.terminate() };
}
