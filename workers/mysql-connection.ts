import type { Connection, Watch } from '../lib/connection/connection.js';
import { openMysql } from '../lib/connection/mysql/mysql.js';
import { DatabaseError } from '../lib/errors.js';
import type { MysqlTarget } from '../lib/plan/mysql-location.js';
import { chooseTransport } from './transport.js';

interface Manner {
  readonly maxRows: number;
  readonly access: 'read' | 'write';
  readonly watch: Watch;
}

/** A lane's connection to a server. Tries the addresses of its name in turn; each has its share of the time that is left, so that one which is silent does not take it all. */
export function openMysqlConnection(
  { addresses, connectTimeout, tls, ...target }: MysqlTarget,
  manner: Manner,
): Connection {
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
