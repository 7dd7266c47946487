import { availableParallelism } from 'node:os';
import { optionError } from '../errors.js';
import { type DatabaseLocation, type DatabaseSettings, parseDatabase } from '../plan/database.js';
import { readNumber } from '../plan/option.js';
import type { Role } from '../wire/message.js';

/** The lanes of one role at one database. */
export interface Site {
  readonly role: Role;
  readonly lanes: number;
  readonly location: DatabaseLocation;
  /** It may be missing when the pool opens, and others serve in its place while it is. */
  readonly isReplica: boolean;
}

const MOST = 64;
const MYSQL_LANES = 8;

/** Which lanes there shall be, the first of them first: it alone makes a SQLite file and sets its journal. */
export function sitesOf(location: DatabaseLocation, threads: unknown, replicas: readonly DatabaseLocation[]): Site[] {
  const count = readThreads(threads, location);
  const site = (role: Role, lanes: number): Site => ({ role, lanes, location, isReplica: false });
  if (location.dialect === 'mysql') {
    const each = Math.ceil(count / replicas.length);
    return [
      site('both', count),
      ...replicas.map((replica): Site => ({ role: 'reader', lanes: each, location: replica, isReplica: true })),
    ];
  }
  return count === 1 ? [site('both', 1)] : [site('writer', 1), site('reader', count - 1)];
}

/** Reads the option `replicas`: URLs of servers that follow the one of `database`. */
export function readReplicas(
  value: unknown,
  location: DatabaseLocation,
  { mysql }: DatabaseSettings,
): DatabaseLocation[] {
  if (value === undefined) return [];
  const allowed = "an array of URLs such as 'mysql://user:password@host:3306/name'";
  if (!Array.isArray(value)) throw optionError('type', 'replicas', typeof value, allowed);
  if (location.dialect !== 'mysql' && value.length > 0)
    throw optionError('range', 'replicas', value, 'left out where database is sqlite:PATH');
  return value.map((url) => {
    const replica = parseDatabase(url, { mysql }, 'replicas');
    if (replica.dialect !== 'mysql') throw optionError('range', 'replicas', url, allowed);
    return replica;
  });
}

function readThreads(threads: unknown, location: DatabaseLocation): number {
  const isMemory = location.dialect === 'sqlite' && location.path === ':memory:';
  const usual = location.dialect === 'mysql' ? MYSQL_LANES : isMemory ? 1 : 1 + Math.min(availableParallelism(), 4);
  const count = readNumber('threads', threads, usual, 1);
  if (isMemory && count > 1)
    throw optionError(
      'range',
      'threads',
      count,
      '1 with sqlite::memory:, since each connection would be a database of its own',
    );
  if (count > MOST) throw optionError('range', 'threads', count, `at most ${MOST}`);
  return count;
}
