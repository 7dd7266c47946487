import type { Watch } from '../connection.js';

/** Where a server listens; names are resolved by whoever opens the connection. */
export type Address =
  | { readonly path: string }
  | {
      /** An IP address. */
      readonly host: string;
      readonly port: number;
    };

/** No call of a stream blocks for longer: then it hands control back, so that cancels and deadlines are noticed. Milliseconds. */
export const SLICE = 100;

/** The bytes of one connection, blocking. Its failures are errors with a `code`, such as ECONNRESET. */
export interface ByteStream {
  readonly kind: 'socket' | 'relay';
  /** Sends what it can of `bytes` from `from` to `to`, and says how much; 0 where nothing went out for a slice. */
  write(bytes: Uint8Array, from: number, to: number): number;
  /** What has come, and is empty at the end of the stream; undefined where nothing came for a slice. */
  read(): Buffer | undefined;
  /** What was read so far is used up, and its memory free. */
  reuse(): void;
  /** Whether a read would return at once: with bytes, or because the other side has hung up. */
  hasInput(): boolean;
  /** Goes on encrypted; blocks until both sides agree, and throws where they do not. */
  startTls?(): void;
  close(): void;
}

/** What opening a stream must heed. */
export interface Opening {
  readonly address: Address;
  /** To be called after each slice of waiting; throws where nobody wants to wait any longer. */
  readonly pause: () => void;
  /** When that will be at the latest, on the clock of `performance.now()`. */
  readonly until: number;
  readonly watch?: Watch | undefined;
}
export type OpenStream = (opening: Opening) => ByteStream;
