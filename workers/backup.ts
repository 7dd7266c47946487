import { parentPort, workerData } from 'node:worker_threads';
import { openSqlite } from '../lib/connection/sqlite.js';
import type { BackupTask, FromBackup } from '../lib/wire/backup-message.js';
import { toFault } from '../lib/wire/fault.js';

/** Pages that are copied in one turn of the event loop: between two of them it hears that it shall stop. */
const SLICE = 256;

class Stopped extends Error {}

const { source, copy, busyTimeout, tells } = workerData as BackupTask;
const tell = (message: FromBackup) => parentPort?.postMessage(message);
let isStopped = false;
parentPort?.once('message', () => (isStopped = true));

try {
  await copyAll();
  tell({ kind: 'copied' });
} catch (error) {
  if (!(error instanceof Stopped)) tell({ kind: 'failed', fault: toFault(error) });
} finally {
  parentPort?.close();
}

async function copyAll(): Promise<void> {
  const connection = openSqlite({
    path: source,
    readonly: true,
    synchronous: 'FULL',
    busyTimeout,
    maxRows: Number.POSITIVE_INFINITY,
  });
  try {
    // One snapshot for all slices. Without it SQLite begins anew after each write of another connection, perhaps for ever.
    connection.begin('read');
    await connection.raw.backup(copy, {
      progress: (progress) => {
        if (isStopped) throw new Stopped();
        if (tells) tell({ kind: 'progress', progress });
        return SLICE;
      },
    });
  } catch (error) {
    throw connection.toError(error);
  } finally {
    connection.close();
  }
}
