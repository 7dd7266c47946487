import { createRequire } from 'node:module';
import { MissingDriverError } from '../../errors.js';

const VERSIONS = '^3.23.3';

/** One packet of the server's, as mysql2 frames it: the same object every time, so it is used up at once. */
export interface Packet {
  readonly sequenceId: number;
  readonly buffer: Buffer;
  /** Where its content begins, and where it ends. */
  readonly offset: number;
  readonly end: number;
  asError(encoding: string): DriverError;
}

/** An error as mysql2 makes it of the server's, or of its own. */
export interface DriverError extends Error {
  readonly code?: string | undefined;
  readonly errno?: number;
  readonly sqlState?: string;
}

/** What is used of mysql2's connection. It logs in, and cuts what comes into packets; what they say is read by us. */
export interface DriverConnection {
  on(event: 'connect', listener: (handshake: Handshake) => void): unknown;
  on(event: 'error', listener: (error: DriverError) => void): unknown;
  handlePacket(packet: Packet): void;
  startTLS(onSecure: (error?: Error) => void): void;
}
export interface Handshake {
  readonly serverVersion: string;
  readonly connectionId: number;
}

/** What is used of mysql2. */
export interface Driver {
  createConnection(options: Readonly<Record<string, unknown>>): DriverConnection;
  readonly authPlugins: Readonly<Record<string, (options: object) => unknown>>;
}

/** The driver. Not imported but required, so that whoever needs no MySQL needs no mysql2. */
export function loadDriver(): Driver {
  try {
    return createRequire(import.meta.url)('mysql2');
  } catch (cause) {
    throw new MissingDriverError({ driver: 'mysql2', version: VERSIONS }, { cause });
  }
}
