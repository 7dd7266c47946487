// A process of its own that leaves a lease open which has written: the database is its first argument, how it leaves it the second.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const [, , database, end] = process.argv;

/** Has a pool, and does not end by itself. */
async function write(): Promise<void> {
  // Which a process that only has such a thread does not need itself.
  const { createPool, sql } = await import('offthread');
  const pool = await createPool({ database: database as string, threads: 1 });
  const lease = await pool.lease({ idleTimeout: Number.POSITIVE_INFINITY, totalTimeout: Number.POSITIVE_INFINITY });
  await lease.run(sql`insert into note (id) values (1)`);
  // One that nobody refers to any more would be taken for forgotten.
  setInterval(() => void lease, 60_000);
}

/** Has a thread with a pool, ends it when it is told to, and lives on until nothing is told to it any more. */
async function endThread(): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { argv: [database] });
  await once(thread, 'message');
  console.log('written');
  await once(process.stdin, 'data');
  const ended = once(thread, 'exit');
  if (end === 'terminate') void thread.terminate();
  else thread.postMessage('exit');
  await ended;
  console.log('ended');
}

if (!isMainThread) {
  await write();
  parentPort?.once('message', () => process.exit());
  parentPort?.postMessage('written');
} else if (end === 'SIGKILL') {
  await write();
  console.log('written');
} else {
  await endThread();
}
