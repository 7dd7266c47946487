import type { OpenStream } from '../lib/connection/mysql/byte-stream.js';
import { hasBlockingSockets, openSocket } from '../lib/connection/mysql/socket.js';
import type { TlsSettings } from '../lib/plan/tls.js';
import { relayStreams } from './relay-stream.js';

/** How the bytes of a connection reach its server: a blocking socket, or a relay where there are none, or none that encrypt. */
export function chooseTransport(tls: TlsSettings | undefined): OpenStream {
  // For tests of all that is above it.
  const isForced = process.env.OFFTHREAD_TRANSPORT === 'relay';
  return tls !== undefined || isForced || !hasBlockingSockets() ? relayStreams(tls) : openSocket;
}
