// A thread that tells its clock when it is asked.
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', () => parentPort?.postMessage(process.hrtime.bigint()));
