import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createPool } from 'offthread';
import { openSession } from 'offthread/orm';
import { Duplicate, NotFound } from './errors.js';
import type * as units from './units.js';

/** Makes the database of the world where there is none yet, whole or not at all, and answers its path. */
export async function makeWorld(file = '.data/world.db'): Promise<string> {
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  sweep(file);
  const part = `${file}.${process.pid}.part`;
  try {
    const { fillWorld } = await import('./atlas.js'); // it reads all cities, which takes a second: only if it must
    const session = openSession(`sqlite:${part}`);
    try {
      fillWorld(session);
    } finally {
      session.close(); // before the renaming: closing moves what is in the -wal file into the database
    }
    if (!existsSync(file)) renameSync(part, file); // another process may have been quicker, and be using its own
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true });
  }
  return file;
}

/** Removes what is left where the making was killed: the part of a process that has ended, or had our id before us. */
function sweep(file: string): void {
  for (const name of readdirSync(dirname(file))) {
    const [, pid] = name.startsWith(basename(file)) ? (/\.(\d+)\.part/.exec(name) ?? []) : [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(dirname(file), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, and is another user's
  }
}

export function openWorld(file: string) {
  return createPool<typeof units>({
    database: `sqlite:${file}`,
    units: new URL('./units.js', import.meta.url),
    errors: [NotFound, Duplicate],
  });
}

export type World = Awaited<ReturnType<typeof openWorld>>;
