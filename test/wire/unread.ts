// A thread that sends full messages, one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { Cell } from '../../lib/wire/cell.js';

const cell = new Cell(workerData);
for (let i = 1; i <= 5; i++) {
  cell.awaitReader(1);
  parentPort?.postMessage(i);
}
