import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { DatabaseError } from '../errors.js';
import type { DatabaseLocation } from '../plan/database.js';
import type { MysqlLocation, MysqlTarget, ServerAddress } from '../plan/mysql-location.js';
import type { LaneDatabase } from '../wire/message.js';

/** Where a lane connects to. Asked for each connection: a name may lead elsewhere by now, and a password may have expired. */
export function locate(location: DatabaseLocation): LaneDatabase | Promise<LaneDatabase> {
  return location.dialect === 'sqlite' ? location : targetOf(location);
}

async function targetOf({ password, address, ...rest }: MysqlLocation): Promise<MysqlTarget> {
  const [addresses, secret] = await Promise.all([addressesOf(address), password()]);
  return { ...rest, addresses, password: secret };
}

/** All addresses of a name, in the order in which they are to be tried. */
async function addressesOf(address: ServerAddress): Promise<readonly ServerAddress[]> {
  if ('path' in address || isIP(address.host)) return [address];
  const { host, port } = address;
  try {
    return (await lookup(host, { all: true, verbatim: true })).map((found) => ({ host: found.address, port }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `The name ${host} of the database's server has no address (${code}): check the URL and the resolver.`;
    throw new DatabaseError(message, { code: code ?? 'ENOTFOUND', kind: 'connection' }, { cause: error });
  }
}
