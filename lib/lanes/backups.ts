import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import {
  CallError,
  NoDatabaseError,
  NotSupportedError,
  optionError,
  PoolClosedError,
  TimeoutError,
} from '../errors.js';
import type { DatabaseLocation } from '../plan/database.js';
import { readFlag, readObject, readSignal, readTime } from '../plan/option.js';
import type { SqliteLocation } from '../plan/sqlite-location.js';
import type { BackupProgress, BackupTask, FromBackup } from '../wire/backup-message.js';
import { type ErrorClasses, fromFault } from '../wire/fault.js';
import { discard, measure, publish, readPath, refuseTarget } from './backup-file.js';

export type { BackupProgress };

export interface BackupOptions {
  /** Replaces a file that is there; default: refuses to. */
  readonly overwrite?: boolean | undefined;
  /** Called now and then with how far it has come; what it throws ends the backup, and is what that rejects with. */
  readonly progress?: ((progress: BackupProgress) => void) | undefined;
  /** Rejects with `signal.reason`, and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds; default: no limit. */
  readonly timeout?: number | undefined;
}

/** What was written. */
export interface Backup {
  readonly pages: number;
  readonly bytes: number;
}

/** Copies a database that lives in a lane's memory, where only that lane can. */
export type CopyMemory = (copy: string, signal: AbortSignal) => Promise<unknown>;

/** How long the copying thread may take to notice that it shall stop. Milliseconds. */
const GRACE = 2_000;
/** As they were when this was loaded, since tests replace them. */
const { setTimeout, clearTimeout } = globalThis;

/** The backups of a pool that are under way. */
export class Backups {
  readonly #location: DatabaseLocation | undefined;
  readonly #copyMemory: CopyMemory;
  readonly #running = new Map<Promise<unknown>, AbortController>();

  constructor(location: DatabaseLocation | undefined, copyMemory: CopyMemory) {
    this.#location = location;
    this.#copyMemory = copyMemory;
  }

  run(path: unknown, given: unknown = {}): Promise<Backup> {
    const options = readOptions(given);
    const target = readPath(path);
    const location = this.#location;
    if (location === undefined) throw new NoDatabaseError({});
    if (location.dialect !== 'sqlite')
      throw new NotSupportedError({
        what: 'pool.backup() of a MySQL database',
        wayOut: 'Use mariadb-dump --single-transaction, or mysqldump --single-transaction.',
      });
    options.signal?.throwIfAborted();
    const stop = new AbortController();
    const backup = this.#backUp(location, target, options, stop);
    this.#running.set(backup, stop);
    const end = () => this.#running.delete(backup);
    backup.then(end, end);
    return backup;
  }

  async #backUp(location: SqliteLocation, target: string, options: Options, stop: AbortController): Promise<Backup> {
    const { overwrite, progress, signal, timeout } = options;
    const end = stopOn(stop, signal, timeout);
    // Beside it, since only within one file system can it be given its name at once.
    const copy = `${target}.${randomBytes(6).toString('hex')}.partial`;
    try {
      await refuseTarget(target, location.path, overwrite);
      if (location.path === ':memory:') await this.#copyMemory(copy, stop.signal);
      else await copyFile(location, copy, progress && tellUnless(stop, progress), stop.signal);
      stop.signal.throwIfAborted();
      const written = await measure(copy);
      if (location.path === ':memory:') progress?.({ totalPages: written.pages, remainingPages: 0 });
      await publish(copy, target, overwrite);
      return written;
    } finally {
      end();
      await discard(copy);
    }
  }

  /** Resolves when none is left. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.keys());
  }
  cut(): void {
    for (const stop of this.#running.values()) stop.abort(new PoolClosedError({ what: 'the backup' }));
  }
}

interface Options {
  readonly overwrite: boolean;
  readonly progress: BackupOptions['progress'];
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
}

function readOptions(given: unknown): Options {
  const known = ['overwrite', 'progress', 'signal', 'timeout'];
  const { overwrite, progress, signal, timeout } = readObject('pool.backup()', given, known);
  if (progress !== undefined && typeof progress !== 'function')
    throw optionError('type', 'progress', progress, 'a function');
  return {
    overwrite: readFlag('overwrite', overwrite, false),
    progress: progress as BackupOptions['progress'],
    signal: readSignal(signal),
    timeout: readTime('timeout', timeout, Number.POSITIVE_INFINITY),
  };
}

/** Stops a backup by the caller's signal or after its time; answers how to listen no more. */
function stopOn(stop: AbortController, signal: AbortSignal | undefined, timeout: number): () => void {
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const late = () => stop.abort(new TimeoutError({ what: 'The backup', timeout }));
  const timer = timeout < 2 ** 31 ? setTimeout(late, timeout).unref() : undefined;
  return () => {
    signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
  };
}

/** What a caller's function throws is its own, and ends the backup. */
function tellUnless(stop: AbortController, progress: NonNullable<BackupOptions['progress']>) {
  return (told: BackupProgress): void => {
    if (stop.signal.aborted) return;
    try {
      progress(told);
    } catch (error) {
      stop.abort(error);
    }
  };
}

const NO_CLASSES: ErrorClasses = new Map();

/** Copies on a thread of its own, from one snapshot: readers and writers of the pool go on meanwhile. */
function copyFile(
  { path: source, busyTimeout }: SqliteLocation,
  copy: string,
  progress: ((told: BackupProgress) => void) | undefined,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const workerData: BackupTask = { source, copy, busyTimeout, tells: progress !== undefined };
    const worker = new Worker(new URL('../../workers/backup.js', import.meta.url), {
      name: 'offthread backup',
      workerData,
      execArgv: [],
    });
    let outcome: Exclude<FromBackup, { kind: 'progress' }> | undefined;
    let failure: unknown;
    let late: NodeJS.Timeout | undefined;
    const stop = () => {
      worker.postMessage('stop');
      // The thread cannot be ended inside of the driver: it is left to itself, and what it leaves is cleared away behind it.
      late = setTimeout(() => {
        worker.unref();
        worker.once('exit', () => void discard(copy).catch(() => {}));
        reject(signal.reason);
      }, GRACE);
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FromBackup) => {
      if (message.kind === 'progress') progress?.(message.progress);
      else outcome = message;
    });
    worker.once('error', (error) => (failure = error));
    // Its connection is closed then, and nothing of it is left.
    worker.once('exit', (code) => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (outcome?.kind === 'copied') resolve();
      else if (outcome?.kind === 'failed') reject(fromFault(outcome.fault, NO_CLASSES));
      else reject(lost(failure, code));
    });
  });
}

function lost(failure: unknown, code: number): Error {
  const reason = failure instanceof Error ? failure.message : `exit code ${code}`;
  return new CallError(
    { call: 'pool.backup()', problem: `its thread ended (${reason})`, wayOut: 'Nothing was written: try it again.' },
    failure === undefined ? {} : { cause: failure },
  );
}
