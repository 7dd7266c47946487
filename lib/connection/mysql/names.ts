import { isIP } from 'node:net';
import { DatabaseError } from '../../errors.js';
import type { Address } from './byte-stream.js';
import { loadNative } from './native.js';

const AF_INET6 = 10;

/** The addresses of a server, to be tried in turn. It blocks while the system looks a name up. */
export function resolve(address: Address): readonly Address[] {
  if ('path' in address || isIP(address.host) !== 0) return [address];
  const { host, port } = address;
  const found = loadNative()
    .lookUp(host)
    .map((bytes) => ({ host: toText(bytes), port }));
  if (found.length > 0) return found;
  throw new DatabaseError(`The server's name ${host} is not known: check it, and that names are resolved here.`, {
    code: 'ENOTFOUND',
    kind: 'connection',
  });
}

/** A `sockaddr` as `isIP` knows it. */
function toText(bytes: Uint8Array): string {
  if (new Uint16Array(bytes.buffer, 0, 1)[0] !== AF_INET6) return bytes.subarray(4, 8).join('.');
  const words = new DataView(bytes.buffer, 8, 16);
  return Array.from({ length: 8 }, (_, i) => words.getUint16(2 * i).toString(16)).join(':');
}
