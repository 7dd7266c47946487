import { LoginError } from '../../errors.js';
import { type Authentication, METHODS, NO_KEY } from './auth.js';
import type { Address } from './byte-stream.js';
import { nameOf, refusedTlsError } from './tls-error.js';

/** What mysql2 says of a login that failed. */
interface Failure extends Error {
  readonly code?: string | undefined;
  readonly sqlState?: string;
}

/** What logging in failed at, where the server has not said it itself; else the error as it is. */
export function toLoginError(failure: Failure, address: Address, user: string, auth: Authentication): unknown {
  const { code, cause, message } = failure;
  // Thrown while it was made secure, by us.
  if (code === 'HANDSHAKE_SSL_ERROR') return cause;
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return refusedTlsError(address);
  const explained = explain(message, code, auth);
  if (explained === undefined) return failure;
  const [reason, wayOut] = explained;
  return new LoginError({ user, server: nameOf(address), reason, wayOut }, { cause: failure });
}

const OTHER_METHOD = `Give the user another method at the server (here there are ${METHODS.join(', ')}): ALTER USER … IDENTIFIED VIA or WITH.`;

function explain(
  message: string,
  code: string | undefined,
  { awaitsKey }: Authentication,
): [string, string] | undefined {
  if (awaitsKey || message === NO_KEY)
    return [NO_KEY, 'Connect over TLS (the option mysql.ssl), or have the server make its keys.'];
  if (code === 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED')
    return ['the server wants the password in plain text (mysql_clear_password), which is never sent', OTHER_METHOD];
  if (code !== 'AUTH_SWITCH_PLUGIN_ERROR') return undefined;
  const method = /unknown plugin (\S+)\./.exec(message)?.[1];
  if (method !== undefined)
    return [`the server asks for the method '${method}', which is not known here`, OTHER_METHOD];
  return [message, OTHER_METHOD];
}
