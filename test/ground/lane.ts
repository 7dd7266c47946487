// What the tests run on Piscina's threads.
import { type MessagePort, receiveMessageOnPort, threadId } from 'node:worker_threads';

/** Two words of shared memory: the first wakes a lane, the second says how many are blocked. */
export type Cell = Int32Array;

export function newCell(): Cell {
  return new Int32Array(new SharedArrayBuffer(8));
}

export function wake(cell: Cell): void {
  Atomics.store(cell, 0, 1);
  Atomics.notify(cell, 0);
}

export function who(): number {
  return threadId;
}

export function block(cell: Cell): number {
  Atomics.add(cell, 1, 1);
  Atomics.wait(cell, 0, 0);
  return threadId;
}

export function spin(cell: Cell): never {
  Atomics.add(cell, 1, 1);
  for (;;);
}

export function blockBriefly(cell: Cell): void {
  Atomics.wait(cell, 0, 0, 100);
  Atomics.store(cell, 1, 1);
}

export function read(port: MessagePort): unknown[] {
  const messages: unknown[] = [];
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) messages.push(next.message);
  return messages;
}

const ports: MessagePort[] = [];

export function keep(port: MessagePort): void {
  ports.push(port);
}

export function readKept(): unknown[] {
  return ports.flatMap(read);
}

export function exit(code: number): never {
  process.exit(code);
}

export function crash(): Promise<never> {
  setImmediate(() => {
    throw new RangeError('thrown outside of the task');
  });
  return new Promise(() => {});
}

export function fail(): never {
  throw Object.assign(new RangeError('thrown by the task'), { code: 'E_TASK' });
}

export function giveFunction(): unknown {
  return () => 1;
}

export function throwFunction(): never {
  throw () => 1;
}
