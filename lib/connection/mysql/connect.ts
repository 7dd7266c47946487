import { DatabaseError, OffthreadError } from '../../errors.js';
import type { TlsSettings } from '../../plan/tls.js';
import type { Watch } from '../connection.js';
import type { Address, OpenStream } from './byte-stream.js';
import type { Conversation } from './conversation.js';
import { type LoggedIn, logIn } from './login.js';
import { toDatabaseError } from './mysql-error.js';
import { introduce, type Server } from './server.js';
import { openSocket } from './socket.js';
import { nameOf } from './tls-error.js';
import { tlsSockets } from './tls-socket.js';

/** How a server is reached, and who asks. */
export interface Target {
  readonly address: Address;
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  /** How to connect; a blocking socket where nothing else is said. */
  readonly stream?: OpenStream;
  /** Plain data for a stream that can encrypt; with it nothing is sent in plain text. */
  readonly tls?: TlsSettings | undefined;
}

export interface Connected {
  readonly conversation: Conversation;
  readonly server: Server;
  readonly streamKind: 'socket' | 'relay';
}

/** Connects and logs in, within `timeout` milliseconds for all of it. */
export function connect(target: Target, timeout: number, watch?: Watch): Connected {
  const { address, user, password, database, tls } = target;
  const open = target.stream ?? (tls === undefined ? openSocket : tlsSockets(tls));
  const until = performance.now() + timeout;
  let isCancelled = false;
  const pause = () => {
    isCancelled = true;
    watch?.check();
    isCancelled = false;
    if (performance.now() >= until) throw Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
  };
  try {
    const stream = open({ address, pause, until, watch });
    try {
      const isPrivate = 'path' in address || tls !== undefined;
      const login = { address, user, password, database, isPrivate, usesTls: tls !== undefined };
      return { ...settle(logIn(stream, login, pause)), streamKind: stream.kind };
    } catch (error) {
      stream.close();
      throw error;
    }
  } catch (error) {
    if (isCancelled) throw error;
    throw toConnectingError(error, target, timeout);
  }
}

function settle({ conversation, handshake }: LoggedIn): { conversation: Conversation; server: Server } {
  const server = introduce(conversation, handshake.serverVersion);
  conversation.send();
  conversation.settle();
  return { conversation, server: server() };
}

/** What happened, to whom, and what to do about it; never with the password. */
function toConnectingError(thrown: unknown, { address, user, database }: Target, timeout: number): unknown {
  const error = toDatabaseError(thrown, undefined);
  if (!(error instanceof Error)) return error;
  if (error instanceof OffthreadError && !(error instanceof DatabaseError)) return error;
  const server = nameOf(address);
  const { code, errno, sqlState } = error as DatabaseError;
  const tell = (why: string, kind: DatabaseError['kind'] = 'connection') =>
    new DatabaseError(
      `The server at ${server} could not be reached: ${why}.`,
      { code, kind, ...(errno !== undefined && { errno }), ...(sqlState !== undefined && { sqlState }) },
      { cause: error },
    );
  if (error instanceof DatabaseError && error.kind !== 'connection') {
    const asked = `as ${user}${database === undefined ? '' : `, database ${database}`}`;
    return tell(`${error.message}, asked ${asked}`, error.kind);
  }
  switch (code) {
    case 'ETIMEDOUT':
      return tell(`connecting and logging in took longer than connectTimeout = ${timeout} ms`);
    case 'ECONNREFUSED':
    case 'ENOENT':
      return tell(`nobody listens there (${code}): check the address, and that the server runs`);
    default:
      return code === undefined ? error : tell(`${error.message}`);
  }
}
