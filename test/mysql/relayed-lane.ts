import { parentPort, workerData } from 'node:worker_threads';
import { relayStreams } from '../../workers/relay-stream.js';

// A thread that blocks on a relay until it is ended.
const address = { host: '127.0.0.1', port: workerData as number };
const stream = relayStreams(undefined)({ address, pause: () => {}, until: Number.POSITIVE_INFINITY });
parentPort?.postMessage('open');
while (stream.read() === undefined);
