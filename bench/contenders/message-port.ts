import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';

/** The least that a call on another thread can be: a message there, a message back. */
export async function openMessagePort(path: string) {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./message-port-worker.js', import.meta.url), {
    workerData: { path, port: port2 },
    transferList: [port2],
  });
  await once(worker, 'message');
  let answer: (row: unknown) => void = () => {};
  port1.on('message', (row) => answer(row));
  return {
    get: (id: number) =>
      new Promise<unknown>((resolve) => {
        answer = resolve;
        port1.postMessage(id);
      }),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}
