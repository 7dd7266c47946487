import { EventEmitter } from 'node:events';
import { type Authentication, authenticate } from './auth.js';
import type { Address, ByteStream } from './byte-stream.js';
import { Conversation } from './conversation.js';
import { type DriverConnection, type Handshake, loadDriver, type Packet } from './driver.js';
import { toLoginError } from './login-error.js';

/** Who logs in, and where. */
export interface Login {
  readonly address: Address;
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  /** Whether what is sent cannot be read on its way: the path of a socket, or TLS. */
  readonly isPrivate: boolean;
  readonly usesTls: boolean;
}

/** What login came to. */
export interface LoggedIn {
  readonly conversation: Conversation;
  readonly handshake: Handshake;
}

/** The stream that mysql2 is given: it writes at once, and emits `data` only while somebody reads for it. */
class Stream extends EventEmitter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #close: () => void;

  constructor(write: (bytes: Uint8Array) => void, close: () => void) {
    super();
    this.#write = write;
    this.#close = close;
  }
  write(bytes: Uint8Array): boolean {
    this.#write(bytes);
    return true;
  }
  end(): void {
    this.#close();
  }
  destroy(): void {
    this.#close();
  }
}

/**
 * Logs in with mysql2, which does so on the stream's events alone. From then on it cuts the server's bytes into packets, and
 * hands them to the conversation.
 */
export function logIn(bytes: ByteStream, login: Login, pause: () => void): LoggedIn {
  const stream = new Stream(
    (data) => {
      for (let from = 0; from < data.length; ) {
        const sent = bytes.write(data, from, data.length);
        from += sent;
        if (sent === 0) pause();
      }
    },
    () => bytes.close(),
  );
  let handshake: Handshake | undefined;
  let failure: Error | undefined;
  const authentication = authenticate(loadDriver(), login.isPrivate);
  const driver = connectDriver(stream, login, authentication);
  if (login.usesTls) secure(driver, bytes);
  driver.on('connect', (told) => (handshake = told));
  driver.on('error', (error) => (failure ??= error));
  while (handshake === undefined) {
    if (failure !== undefined) throw toLoginError(failure, login.address, login.user, authentication);
    const data = bytes.read();
    // Also while it answers: bit by bit it could do so for ever.
    pause();
    if (data === undefined) continue;
    if (data.length === 0) throw Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' });
    stream.emit('data', data);
  }
  const parse = (data: Buffer) => stream.emit('data', data);
  const conversation = new Conversation(bytes, parse, pause);
  driver.handlePacket = (packet: Packet) => conversation.take(packet);
  return { conversation, handshake };
}

function connectDriver(stream: Stream, login: Login, { plugins }: Authentication): DriverConnection {
  const { user, password, database, usesTls } = login;
  return loadDriver().createConnection({
    stream,
    user,
    password,
    database,
    // Its own clock is a timer, which never fires here.
    connectTimeout: 0,
    authPlugins: plugins,
    ...(usesTls && { ssl: {} }),
    flags: ['-LOCAL_FILES', '-CLIENT_QUERY_ATTRIBUTES', '-IGNORE_SPACE', '-ODBC', 'PS_MULTI_RESULTS'],
    multipleStatements: false,
    enableKeepAlive: false,
  });
}

/** What mysql2 does with a socket of Node's own is done below the stream. */
function secure(driver: DriverConnection, bytes: ByteStream): void {
  driver.startTLS = (onSecure) => {
    try {
      if (bytes.startTls === undefined) throw new Error('this way to the server has no TLS');
      bytes.startTls();
    } catch (cause) {
      // mysql2 writes a code of its own on the error that it is given.
      return onSecure(new Error('TLS failed', { cause }));
    }
    onSecure();
  };
}
