import type { MessagePort } from 'node:worker_threads';
import type { TlsSettings } from '../plan/tls.js';

/** A lane's thread to its relay: a connection to be made. */
export interface RelayOpening {
  readonly address: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly cell: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** A lane to the relay, about its connection. */
export type ToRelay =
  /** There are bytes for the server. */
  | 'bytes'
  /** There is room for bytes again. */
  | 'room'
  /** Is anybody there? */
  | 'ping'
  /** The same, to be answered after a look at the socket. */
  | 'look'
  | 'close'
  | { readonly secure: TlsSettings };

/** What broke, from the relay to the lane. */
export interface RelayFailure {
  readonly message: string;
  readonly code: string | undefined;
  /** Whether the connection was to be encrypted when it broke. */
  readonly isTls: boolean;
}

/** The code of a connection whose relay is gone. */
export const RELAY_LOST = 'OFFTHREAD_RELAY_LOST';
