import type { Stats } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallError, optionError, show } from '../errors.js';

/** What SQLite keeps beside a database, by the ends of their names. */
const COMPANIONS = ['-wal', '-journal', '-shm'];

/** An absolute path. */
export function readPath(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  if (typeof path !== 'string') throw optionError('type', 'path', path, 'a path or a file URL');
  if (path.trim() === '' || path !== path.trimEnd() || path.includes('\0') || path === ':memory:')
    throw optionError('range', 'path', path, 'the path of a file');
  return resolve(path);
}

const refuse = (problem: string, wayOut: string): Error => new CallError({ call: 'pool.backup()', problem, wayOut });
const isThere = (path: string): Error =>
  refuse(`${show(path)} is there already`, 'Choose another name, or pass { overwrite: true }.');

/** Refuses a place where a backup cannot stand, or where it would do harm. */
export async function refuseTarget(target: string, source: string, overwrite: boolean): Promise<void> {
  const found = await look(target);
  if (found === undefined && (await look(dirname(target))) === undefined)
    throw refuse(`the directory ${show(dirname(target))} does not exist`, 'Make it first.');
  for (const end of ['', ...COMPANIONS])
    if (await isSame(target, found, source + end))
      throw refuse(`${show(target)} is a file of the database itself`, 'Choose another name.');
  if (found !== undefined && !found.isFile()) throw refuse(`${show(target)} is no file`, 'Choose another name.');
  if (found !== undefined && !overwrite) throw isThere(target);
  // SQLite would take it for a part of the new file.
  for (const end of COMPANIONS)
    if ((await look(target + end)) !== undefined)
      throw refuse(
        `${show(target + end)} is there: a database of this name is open, or was not closed`,
        'Close it, or choose another name.',
      );
}

async function isSame(target: string, found: Stats | undefined, other: string): Promise<boolean> {
  const there = await look(other);
  if (found !== undefined && there !== undefined) return found.ino === there.ino && found.dev === there.dev;
  // Of what is not there only the name can be compared.
  return (await real(target)) === (await real(other));
}

async function real(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return resolve(folder, path.slice(dirname(path).length).replace(/^[\\/]+/, ''));
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives a copy that is complete its name, so that nobody ever sees a part of it there, also after a power cut. */
export async function publish(copy: string, target: string, overwrite: boolean): Promise<void> {
  await sync(copy);
  if (overwrite) await rename(copy, target);
  else await give(copy, target);
  // Not every system lets a directory be opened.
  await sync(dirname(target)).catch(() => {});
}

/** A link, unlike a rename, fails where the name is taken. */
async function give(copy: string, target: string): Promise<void> {
  try {
    await link(copy, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(target);
    // A file system without links.
    if ((await look(target)) !== undefined) throw isThere(target);
    return rename(copy, target);
  }
  await rm(copy);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How large a database in a file is, which no connection has open. */
export async function measure(path: string): Promise<{ readonly bytes: number; readonly pages: number }> {
  const handle = await open(path, 'r');
  try {
    const { size: bytes } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 16);
    const pageSize = buffer.readUInt16BE(0);
    // 65,536 does not fit into two bytes.
    return { bytes, pages: bytes / (pageSize === 1 ? 65_536 : pageSize) };
  } finally {
    await handle.close();
  }
}

/** Leaves nothing of a copy. */
export async function discard(copy: string): Promise<void> {
  for (const end of ['', ...COMPANIONS]) await rm(copy + end, { force: true });
}
