// A thread that sends eight chunks of a stream, as its consumer takes them.
import { parentPort, workerData } from 'node:worker_threads';
import { Cell, State } from '../../lib/wire/cell.js';

const { buffer, slot, milliseconds } = workerData;
const cell = new Cell(buffer);
const check = () => {
  if (cell.stateOf(slot) === State.cancelled) throw new Error('no more');
};

cell.offer(slot);
const send = (): string => {
  for (let i = 1; i <= 8; i++) {
    parentPort?.postMessage(i);
    if (!cell.awaitTaker(slot, i, milliseconds, check)) return 'late';
  }
  return 'all';
};
try {
  parentPort?.postMessage(send());
} catch (error) {
  parentPort?.postMessage((error as Error).message);
}
