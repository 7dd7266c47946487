import type { Connection } from '../lib/connection/connection.js';
import type { MysqlWatch } from '../lib/connection/mysql/byte-stream.js';
import { openMysql } from '../lib/connection/mysql/mysql.js';
import { openSqlite } from '../lib/connection/sqlite.js';
import { DatabaseError } from '../lib/errors.js';
import type { MysqlTarget } from '../lib/plan/mysql-location.js';
import type { LaneOpening } from '../lib/wire/message.js';
import { chooseTransport } from './transport.js';

/** The connection of a lane. */
export function openConnection({ database, role, maxRows }: LaneOpening, watch: MysqlWatch): Connection {
  if (database.dialect === 'sqlite') {
    const { path, synchronous, busyTimeout } = database;
    return openSqlite({ path, readonly: role === 'reader', synchronous, busyTimeout, maxRows, watch });
  }
  return openFirst(database, { maxRows, access: role === 'reader' ? 'read' : 'write', watch });
}

interface Manner {
  readonly maxRows: number;
  readonly access: 'read' | 'write';
  readonly watch: MysqlWatch;
}

/** Tries the addresses of a name in turn; each has its share of the time that is left, so that one which is silent does not take it all. */
function openFirst({ addresses, connectTimeout, tls, ...target }: MysqlTarget, manner: Manner): Connection {
  const stream = chooseTransport(tls);
  const end = performance.now() + connectTimeout;
  const last = addresses.length - 1;
  for (const [i, address] of addresses.entries()) {
    const left = Math.max(1, end - performance.now());
    try {
      const timeout = last === 0 ? connectTimeout : Math.ceil(left / (last - i + 1));
      return openMysql({ ...target, ...manner, address, connectTimeout: timeout, tls, stream });
    } catch (error) {
      // Who is refused at one is refused at all.
      if (i === last || !(error instanceof DatabaseError) || error.kind !== 'connection') throw error;
    }
  }
  throw new TypeError('a server without an address');
}
