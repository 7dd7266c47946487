import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openDatabase, SELECT_USER } from '../database.js';

const { path, port } = workerData as { path: string; port: MessagePort };
const statement = openDatabase(path).prepare(SELECT_USER);
port.on('message', (id: number) => port.postMessage(statement.get(id)));
parentPort?.postMessage('open');
