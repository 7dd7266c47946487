import { statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { sqliteVersion } from './database.js';

/** What the figures were taken on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  readonly fileSystem: string;
  /** Other work that the machine had when the bench began: processes that wanted a core. */
  readonly load: number;
}

/** Linux's numbers for the file systems that a database is likely to lie on. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  2035054128: 'overlayfs',
  16914836: 'tmpfs, in memory: durable writes cost nothing here, and their figures mean little',
};

export function describeMachine(folder: string): Machine {
  const driver = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string };
  const { type: number } = statfsSync(folder);
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB`,
    system: `${type()} ${release()}`,
    node: process.version,
    sqlite: `${sqliteVersion()} (better-sqlite3 ${driver.version})`,
    fileSystem: FILE_SYSTEMS[number] ?? `of type 0x${number.toString(16)}`,
    load: Math.round(loadavg()[0]! * 100) / 100,
  };
}
