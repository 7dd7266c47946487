import type { OpenStream } from '../lib/connection/mysql/byte-stream.js';
import { hasOpenssl } from '../lib/connection/mysql/openssl.js';
import { hasBlockingSockets, openSocket } from '../lib/connection/mysql/socket.js';
import { tlsSockets } from '../lib/connection/mysql/tls-socket.js';
import type { TlsSettings } from '../lib/plan/tls.js';
import { relayStreams } from './relay-stream.js';

/** How the bytes of a connection reach its server: a blocking socket, or a relay where there are none, or none that encrypt. */
export function chooseTransport(tls: TlsSettings | undefined): OpenStream {
  // For tests of all that is above it.
  const isForced = process.env.OFFTHREAD_TRANSPORT === 'relay';
  if (isForced || !hasBlockingSockets()) return relayStreams(tls);
  if (tls === undefined) return openSocket;
  return hasOpenssl() ? tlsSockets(tls) : relayStreams(tls);
}
