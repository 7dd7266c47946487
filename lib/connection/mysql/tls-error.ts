import { TlsError } from '../../errors.js';
import type { Address } from './byte-stream.js';

/** What Node's TLS says of a connection that could not be encrypted. */
interface Failure {
  readonly message: string;
  readonly code?: string | undefined;
}

const UNTRUSTED: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
];
const VERSION = /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/;

export function toTlsError(address: Address, failure: Failure): Error {
  const [reason, wayOut] = explain(failure);
  return new TlsError({ server: nameOf(address), reason, wayOut }, { cause: failure });
}

export const PLAIN_TEXT = 'something was sent in plain text before the encryption';

/** Where the server does not offer it. Nothing was sent but the wish. */
export function refusedTlsError(address: Address): Error {
  return new TlsError({
    server: nameOf(address),
    reason: 'the server offers no TLS',
    wayOut: 'Nothing was sent to it in plain text. Set up TLS at the server, or leave mysql.ssl out.',
  });
}

/** As it stands in messages. */
export function nameOf(address: Address): string {
  if ('path' in address) return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function explain({ message, code = '' }: Failure): [reason: string, wayOut: string] {
  if (UNTRUSTED.includes(code))
    return [
      `nobody that is trusted vouches for its certificate (${code})`,
      "Pass the certificate of the server's authority as mysql.ssl.ca.",
    ];
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return [`its certificate is not valid now (${code})`, 'Renew it at the server, and look at the clocks of both.'];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return [
      `its certificate is of another name (${message})`,
      'Set mysql.ssl.servername to the name it bears; or, where the authority vouches for nobody else, mysql.ssl.verifyIdentity to false.',
    ];
  if (VERSION.test(code)) return [`both have no version of TLS in common (${code})`, 'See mysql.ssl.minVersion.'];
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return ['what it answered is no TLS', 'See what is in between: a proxy perhaps, or somebody who listens.'];
  return [code === '' ? message : `${message} (${code})`, 'The options of mysql.ssl are told in the documentation.'];
}
