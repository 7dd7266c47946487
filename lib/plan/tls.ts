import { isIP } from 'node:net';
import { optionError } from '../errors.js';
import { readFlag, readObject } from './option.js';

/** How a connection is encrypted, as it is given to `createPool`. Certificates and keys are PEM texts, not paths of files. */
export interface TlsOptions {
  /** Who may vouch for the server; default the certificate authorities that Node trusts. */
  readonly ca?: Pem | readonly Pem[];
  /** The client's own certificate and key, where the server asks for them. */
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly passphrase?: string;
  /** The name that the server's certificate must bear; default the host of the URL. */
  readonly servername?: string;
  /** Whether the certificate must bear that name; default true. */
  readonly verifyIdentity?: boolean;
  /** False trusts whoever answers; default true. */
  readonly rejectUnauthorized?: boolean;
  /** Default `'TLSv1.2'`. */
  readonly minVersion?: TlsVersion;
}
type Pem = string | Uint8Array;
const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof TLS_VERSIONS)[number];

/** The same as plain data, with its defaults. */
export interface TlsSettings {
  readonly ca: readonly string[] | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  readonly servername: string;
  readonly verifyIdentity: boolean;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: TlsVersion;
}

const KNOWN = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'servername',
  'verifyIdentity',
  'rejectUnauthorized',
  'minVersion',
] as const;

/** Reads the option `ssl`: an object, true for one of defaults, false for none. */
export function readTls(name: string, given: unknown, host: string): TlsSettings | undefined {
  if (given === undefined || given === false) return undefined;
  if (given !== true && (typeof given !== 'object' || given === null))
    throw optionError('type', name, given, `true, false or an object of options (${KNOWN.join(', ')})`);
  const options = readObject(name, given === true ? {} : given, KNOWN);
  const { minVersion = 'TLSv1.2' } = options;
  if (!TLS_VERSIONS.includes(minVersion as TlsVersion))
    throw optionError('range', `${name}.minVersion`, minVersion, `one of ${TLS_VERSIONS.join(', ')}`);
  const ca = readAuthorities(`${name}.ca`, options.ca);
  const cert = readPem(`${name}.cert`, options.cert);
  const key = readPem(`${name}.key`, options.key, 'secret');
  if ((cert === undefined) !== (key === undefined))
    throw optionError('type', `${name}.${cert ? 'key' : 'cert'}`, undefined, 'given where the other of the two is');
  return {
    ca,
    cert,
    key,
    passphrase: readText(`${name}.passphrase`, options.passphrase, 'secret'),
    servername: readText(`${name}.servername`, options.servername) ?? host,
    verifyIdentity: readFlag(`${name}.verifyIdentity`, options.verifyIdentity, true),
    rejectUnauthorized: readFlag(`${name}.rejectUnauthorized`, options.rejectUnauthorized, true),
    minVersion: minVersion as TlsVersion,
  };
}

/** The name that is asked for at the server's door: an address is none. */
export function toServerName({ servername }: TlsSettings): string | undefined {
  return isIP(servername) === 0 ? servername : undefined;
}

function readAuthorities(name: string, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const list = Array.isArray(given) ? given : [given];
  return list.map((one, index) => readPem(Array.isArray(given) ? `${name}[${index}]` : name, one) as string);
}

function readPem(name: string, given: unknown, secret?: 'secret'): string | undefined {
  if (given === undefined) return undefined;
  const text = given instanceof Uint8Array ? Buffer.from(given).toString('latin1') : given;
  if (typeof text === 'string' && text.includes('-----BEGIN ')) return text;
  const allowed = "a PEM text ('-----BEGIN …'), not the path of a file: readFileSync(path) is one";
  throw refuse(name, text, allowed, secret);
}

function readText(name: string, given: unknown, secret?: 'secret'): string | undefined {
  if (given === undefined || (typeof given === 'string' && given !== '')) return given as string | undefined;
  throw refuse(name, given, 'a text', secret);
}

function refuse(name: string, given: unknown, allowed: string, secret: 'secret' | undefined): TypeError {
  const error = optionError('type', name, given, allowed);
  if (secret && typeof given === 'string')
    error.message = `${name} must be ${allowed}, not a text of ${given.length} letters.`;
  return error;
}
