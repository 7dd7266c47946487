import { optionError } from '../errors.js';
import { MYSQL, type MysqlLocation, type MysqlSettings, parseMysql } from './mysql-location.js';
import { parseSqlite, SQLITE, type SqliteLocation, type SqliteSettings } from './sqlite-location.js';

/** Where the database is and how it is opened. */
export type DatabaseLocation = SqliteLocation | MysqlLocation;

export interface DatabaseSettings {
  readonly sqlite?: SqliteSettings | undefined;
  readonly mysql?: MysqlSettings | undefined;
}

/** Reads where the database is, with the settings of its own dialect; those of another are refused. */
export function parseDatabase(
  database: unknown,
  { sqlite, mysql }: DatabaseSettings = {},
  option = 'database',
): DatabaseLocation {
  const allowed = `${SQLITE}, or ${MYSQL}`;
  if (typeof database !== 'string') throw optionError('type', option, database, allowed);
  if (database.startsWith('sqlite:')) {
    refuseSettings('mysql', mysql, 'sqlite:PATH');
    return parseSqlite(database, sqlite);
  }
  if (isMysql(database)) {
    refuseSettings('sqlite', sqlite, 'a MySQL server');
    return parseMysql(database, mysql, option);
  }
  // What stands behind any scheme may be a password.
  throw optionError('range', option, database.replace(/:\/\/.*/s, '://…'), allowed);
}

/** Whether it names a MySQL or MariaDB server. */
export const isMysql = (database: string): boolean => /^(?:mysql|mariadb):/.test(database);

function refuseSettings(name: keyof DatabaseSettings, settings: unknown, database: string): void {
  if (settings !== undefined) throw optionError('range', name, settings, `left out where database is ${database}`);
}
