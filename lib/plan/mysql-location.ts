import { isIPv6 } from 'node:net';
import { isAbsolute } from 'node:path';
import { optionError } from '../errors.js';
import { type MysqlSettings, readMysqlSettings } from './mysql-settings.js';
import type { TlsSettings } from './tls.js';

export type { MysqlSettings };

/** Where a server listens: a Unix socket, or a name or an address with a port. */
export type ServerAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** Which server is connected to, and as whom. */
export interface MysqlLocation {
  readonly dialect: 'mysql';
  readonly address: ServerAddress;
  readonly user: string;
  /** Asked for each connection. A function in any case, so that nothing which shows this object shows the password. */
  readonly password: () => string | Promise<string>;
  readonly database: string | undefined;
  /** Milliseconds for the whole of connecting and logging in. */
  readonly connectTimeout: number;
  readonly tls: TlsSettings | undefined;
}

/** The same as a lane gets it, for one connection. */
export interface MysqlTarget extends Omit<MysqlLocation, 'address' | 'password'> {
  /** Addresses without names, to be tried in turn. */
  readonly addresses: readonly ServerAddress[];
  readonly password: string;
}

export const MYSQL = "'mysql://user:password@host:3306/name'";
const PORT = 3306;
const URL =
  /^(?:mysql|mariadb):\/\/(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^:/?#[\]@]*)(?::(\d+))?(?:\/([^/?#@]*))?(?:\?([^#]*))?$/;
const PARAMETERS = ['socketPath', 'connectTimeout', 'ssl'];

/** Reads `mysql://user:password@host:3306/name?socketPath=…`. No error shows anything of it that may be a password. */
export function parseMysql(url: string, settings: unknown = {}, option = 'database'): MysqlLocation {
  const refuse = (expected: string) => optionError('range', option, `${scheme(url)}…`, expected);
  const match = URL.exec(url);
  if (match === null)
    throw refuse(
      `${MYSQL}, where a character such as / ? # @ or % of a name or password is written as %2F and the like`,
    );
  const [, login = '', host = '', port, name = '', query = ''] = match;
  const decode = (text: string, what: string) => {
    const decoded = decodeText(text);
    if (decoded === undefined)
      throw refuse(`${MYSQL}, with ${what} percent-encoded rightly: a % itself is written as %25`);
    // It would end the name in the protocol, and the rest be taken for something else.
    if (decoded.includes('\0')) throw refuse(`${MYSQL}, without a NUL character in ${what}`);
    return decoded;
  };
  const [user, password] = splitAt(login, ':');
  const parameters = readParameters(decode, query, option);
  const address = addressOf(decode(host, 'the host'), port, parameters.get('socketPath'), refuse);
  const given = readMysqlSettings(settings, parameters, 'host' in address ? address.host : 'localhost');
  if (password !== undefined && given.password !== undefined)
    throw optionError('range', 'mysql.password', 'a second password', 'left out where the URL has one');
  const secret = password === undefined ? '' : decode(password, 'the password');
  return {
    dialect: 'mysql',
    address,
    user: decode(user, 'the user'),
    password: given.password ?? (() => secret),
    database: decode(name, 'the name of the database') || undefined,
    connectTimeout: given.connectTimeout,
    tls: given.tls,
  };
}

function addressOf(
  host: string,
  port: string | undefined,
  socketPath: string | undefined,
  refuse: (expected: string) => Error,
): ServerAddress {
  if (socketPath !== undefined) {
    if (!isAbsolute(socketPath)) throw refuse(`${MYSQL}, with an absolute path as socketPath`);
    if (!['', 'localhost'].includes(host) || port !== undefined)
      throw refuse(`${MYSQL} with no host but localhost and no port where there is a socketPath`);
    return { path: socketPath };
  }
  const number = port === undefined ? PORT : Number(port);
  if (number < 1 || number > 65_535) throw refuse(`${MYSQL}, with a port from 1 to 65535`);
  if (!host.startsWith('[')) {
    if (host === '') throw refuse(`${MYSQL}, with a host or a socketPath`);
    return { host, port: number };
  }
  const address = host.slice(1, -1);
  if (!isIPv6(address)) throw refuse(`${MYSQL}, with nothing but an IPv6 address in brackets`);
  return { host: address, port: number };
}

function readParameters(
  decode: (text: string, what: string) => string,
  query: string,
  option: string,
): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [name, value = ''] = splitAt(part, '=');
    const known = PARAMETERS.includes(name);
    // Of one that is not known only the name is shown, and not even that where it may be a piece of a password.
    if (!known)
      throw optionError(
        'range',
        option,
        `the parameter '${/^[\w-]{1,40}$/.test(name) ? name : '…'}'`,
        `a URL with no other parameters than ${PARAMETERS.join(', ')}`,
      );
    if (parameters.has(name))
      throw optionError('range', option, `the parameter '${name}' twice`, 'a URL with each parameter once');
    parameters.set(name, decode(value, `the parameter ${name}`));
  }
  return parameters;
}

function decodeText(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function splitAt(text: string, mark: string): [before: string, behind: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const scheme = (url: string): string => url.slice(0, url.indexOf(':') + 1);
