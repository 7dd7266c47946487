import { optionError } from '../errors.js';
import { readObject, readTime } from './option.js';
import { readTls, type TlsOptions, type TlsSettings } from './tls.js';

/** What the option `mysql` takes beside the URL. */
export interface MysqlSettings {
  /** Asked for each new connection where it is a function: for tokens that expire. Not beside a password in the URL. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** TLS: `true`, or an object with a `ca` and the like. Never falls back to plain text. */
  readonly ssl?: boolean | TlsOptions | undefined;
  /** Milliseconds for the whole of connecting and logging in; default 10,000. */
  readonly connectTimeout?: number | undefined;
}

const OPTIONS = ['password', 'ssl', 'connectTimeout'];
const URL = 'It belongs in the URL: mysql://user:password@host:3306/name?socketPath=…';
const EXACT = 'Values are always exact: see the types of columns in the documentation.';
const OFF = 'It is off, for good.';

/** Options of mysql2 that are not taken, and what there is in their place. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  host: URL,
  port: URL,
  user: URL,
  database: URL,
  socketPath: URL,
  uri: URL,
  connectionLimit: "It is the pool's option threads.",
  queueLimit: "It is the pool's option maxQueue.",
  waitForConnections: "It is the pool's option queueTimeout.",
  multipleStatements: OFF,
  infileStreamFactory: OFF,
  insecureAuth: OFF,
  enableCleartextPlugin: OFF,
  compress: OFF,
  timezone: 'Sessions are in UTC, and the types of columns say what a time is.',
  charset: 'Connections speak utf8mb4.',
  charsetNumber: 'Connections speak utf8mb4.',
  dateStrings: EXACT,
  decimalNumbers: EXACT,
  supportBigNumbers: EXACT,
  bigNumberStrings: EXACT,
  jsonStrings: EXACT,
  typeCast: EXACT,
  namedPlaceholders: 'Values are bound by sql`…` and by Kysely.',
};

export interface ReadMysqlSettings {
  readonly password: (() => string | Promise<string>) | undefined;
  readonly connectTimeout: number;
  readonly tls: TlsSettings | undefined;
}

/** Reads the option `mysql` and those parameters of the URL that say the same. */
export function readMysqlSettings(
  settings: unknown,
  parameters: ReadonlyMap<string, string>,
  host: string,
): ReadMysqlSettings {
  // A text is not shown: it may be a URL with its password.
  if (typeof settings === 'string')
    throw optionError('type', 'mysql', 'a text', `an object of options (${OPTIONS.join(', ')})`);
  for (const name of Object.keys(settings ?? {})) refuseElsewhere(name);
  const given = readObject('mysql', settings, OPTIONS);
  for (const name of ['ssl', 'connectTimeout']) {
    if (given[name] !== undefined && parameters.has(name))
      throw optionError('range', `mysql.${name}`, given[name], `left out where the URL has ${name}`);
  }
  const timeout = parameters.get('connectTimeout');
  return {
    password: readPassword(given.password),
    connectTimeout: readTime(
      'mysql.connectTimeout',
      timeout === undefined ? given.connectTimeout : Number(timeout),
      10_000,
    ),
    tls: readTls('mysql.ssl', readFlag(parameters.get('ssl')) ?? given.ssl, host),
  };
}

function refuseElsewhere(name: string): void {
  if (!Object.hasOwn(ELSEWHERE, name)) return;
  const error = optionError('type', 'mysql', name, 'known');
  error.message = `mysql has no option '${name}'. ${ELSEWHERE[name]}`;
  throw Object.assign(error, { option: name });
}

function readPassword(password: unknown): (() => string | Promise<string>) | undefined {
  if (password === undefined) return undefined;
  if (typeof password === 'string') return () => password;
  const allowed = 'a string, or a function that answers with one';
  if (typeof password !== 'function') throw optionError('type', 'mysql.password', typeof password, allowed);
  return () => {
    const answer = password();
    return answer instanceof Promise ? answer.then(check) : check(answer);
  };
  function check(answer: unknown): string {
    if (typeof answer === 'string') return answer;
    throw optionError('type', 'The answer of mysql.password', typeof answer, 'a string');
  }
}

function readFlag(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false')
    throw optionError(
      'range',
      'ssl',
      value,
      "true or false in the URL; a CA and the like are given in the option mysql's ssl",
    );
  return value === 'true';
}
