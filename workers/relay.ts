import { connect, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { PLAIN_TEXT } from '../lib/connection/mysql/tls-error.js';
import { type TlsSettings, toServerName } from '../lib/plan/tls.js';
import { RelayCell, RelayState } from '../lib/wire/relay-cell.js';
import { RELAY_LOST, type RelayFailure, type RelayOpening, type ToRelay } from '../lib/wire/relay-message.js';

// The thread beside a lane whose connection cannot be a blocking socket: it has an event loop, and so ordinary sockets and
// Node's TLS. It moves bytes, and of what they say it knows only how long the first packet is.

interface Relayed {
  readonly cell: RelayCell;
  readonly port: MessagePort;
  socket: Socket;
  /** The first bytes of the server's: how long its greeting is. */
  head: Buffer;
  /** Came from the server, and the ring to the lane had no room. */
  held: Buffer | undefined;
  /** The socket's own buffer is full. */
  isCongested: boolean;
  isTls: boolean;
  /** The server has ended it; what is held comes first. */
  isOver: boolean;
  /** The lane has closed it: what still comes is dropped. */
  isClosing: boolean;
}

/** Bytes that are read at once. */
const ROOM = 1 << 16;

const relayed = new Set<Relayed>();
/** Milliseconds that the last bytes may take, once the lane has closed. */
const LAST_BYTES = 500;
/** Of a packet, before its content. */
const PACKET_HEAD = 4;

parentPort?.on('message', ({ address, cell, port }: RelayOpening) => {
  // What is not encrypted is read into the same memory again and again: of a long answer a buffer for each piece would be more
  // than all else. While the socket is paused nothing is read, so that what is held may stay where it is.
  const buffer = Buffer.allocUnsafeSlow(ROOM);
  const callback = (length: number) => {
    take(connection, buffer.subarray(0, length));
    return !socket.isPaused();
  };
  const onread = { buffer, callback };
  const socket: Socket = connect(
    'path' in address ? { path: address.path, onread } : { port: address.port, host: address.host, onread },
  );
  const connection: Relayed = {
    cell: new RelayCell(cell),
    port,
    socket: socket.setNoDelay(true).setKeepAlive(true),
    head: Buffer.alloc(0),
    held: undefined,
    isCongested: false,
    isTls: false,
    isOver: false,
    isClosing: false,
  };
  relayed.add(connection);
  connection.cell.beat();
  socket.once('connect', () => connection.cell.become(RelayState.open));
  socket.on('error', (error) => fail(connection, error));
  listen(connection);
  port.on('message', (message: ToRelay) => obey(connection, message));
});

// However the thread ends, as long as it can say so: its lane must not wait for it.
process.on('exit', () => {
  const lost = Object.assign(new Error('the thread that relays its bytes has ended'), { code: RELAY_LOST });
  for (const connection of relayed) fail(connection, lost);
});

function obey(connection: Relayed, message: ToRelay): void {
  if (message === 'bytes') send(connection);
  else if (message === 'room') deliver(connection);
  else if (message === 'ping') connection.cell.beat();
  else if (message === 'look') look(connection);
  else if (message === 'close') close(connection);
  else secure(connection, message.secure);
}

/** What the system knows of sockets comes with this turn of the event loop, and is told before the next. */
function look({ cell }: Relayed): void {
  setImmediate(() => {
    cell.beat();
    cell.ring();
  });
}

function listen(connection: Relayed): void {
  const { socket } = connection;
  // Of one that encrypts; another is read as it was opened.
  socket.on('data', (bytes: Buffer) => take(connection, bytes));
  socket.on('drain', () => {
    connection.isCongested = false;
    send(connection);
  });
  // At its last word, not when it is gone: until then a lane would take the connection for a good one.
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      // It may have gone on in another that encrypts.
      if (connection.socket !== socket) return;
      connection.isOver = true;
      deliver(connection);
    });
}

function take(connection: Relayed, bytes: Buffer): void {
  if (connection.isClosing) return;
  if (connection.head.length < PACKET_HEAD)
    connection.head = Buffer.concat([connection.head, bytes]).subarray(0, PACKET_HEAD);
  connection.held = connection.held === undefined ? bytes : Buffer.concat([connection.held, bytes]);
  deliver(connection);
}

/** Passes on what the lane wrote, as fast as the socket takes it. */
function send(connection: Relayed): void {
  const { cell, socket } = connection;
  cell.look();
  while (!connection.isCongested && cell.toServer.length > 0) {
    const bytes = Buffer.allocUnsafe(cell.toServer.length);
    cell.toServer.readInto(bytes);
    connection.isCongested = !socket.write(bytes);
    cell.offerRoom();
  }
}

/** Passes on what the server sent, as far as the lane has room: the rest is left where it is, in the end with the server. */
function deliver(connection: Relayed): void {
  const { cell, socket, isOver } = connection;
  let rest = connection.held;
  if (rest !== undefined) {
    rest = rest.subarray(cell.toLane.write(rest));
    // Asked again, since the lane may have made the room before it could see that it is waited for.
    if (rest.length > 0 && cell.setFull(true) && cell.mayContinue()) rest = rest.subarray(cell.toLane.write(rest));
    if (rest.length > 0) socket.pause();
    else if (socket.isPaused()) socket.resume();
    connection.held = rest.length > 0 ? rest : undefined;
    cell.ring();
  }
  if (isOver && connection.held === undefined && cell.state < RelayState.ended) cell.become(RelayState.ended);
}

/** Goes on encrypted, on the same socket. */
function secure(connection: Relayed, settings: TlsSettings): void {
  const { socket, head } = connection;
  connection.isTls = true;
  // Whoever is in between may have sent something in the server's name, to be read as if it came encrypted.
  if (socket.bytesRead !== PACKET_HEAD + head.readUIntLE(0, 3)) return fail(connection, new Error(PLAIN_TEXT));
  send(connection);
  for (const event of ['data', 'drain', 'close']) socket.removeAllListeners(event);
  try {
    const secured = encrypt(socket, settings);
    secured.once('secureConnect', () => connection.cell.become(RelayState.secure));
    secured.on('error', (error) => fail(connection, error));
    connection.socket = secured;
    connection.isCongested = false;
    listen(connection);
  } catch (error) {
    // A certificate or a key that cannot be read.
    fail(connection, error as Error);
  }
}

function encrypt(socket: Socket, settings: TlsSettings): TLSSocket {
  const { servername, verifyIdentity, ca, cert, key, passphrase, rejectUnauthorized, minVersion } = settings;
  const name = toServerName(settings);
  return connectTls({
    socket,
    rejectUnauthorized,
    minVersion,
    checkServerIdentity: (_, certificate) =>
      verifyIdentity ? checkServerIdentity(servername, certificate) : undefined,
    ...(name !== undefined && { servername: name }),
    ...(ca !== undefined && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
  });
}

function fail({ cell, port, socket, isTls }: Relayed, error: Error & { code?: string }): void {
  socket.destroy();
  if (cell.state >= RelayState.ended) return;
  const failure: RelayFailure = {
    message: error.message,
    code: error.code,
    isTls: isTls && cell.state !== RelayState.secure,
  };
  port.postMessage(failure);
  cell.become(RelayState.failed);
}

/** Lets the last bytes go out, and then nothing is left. */
function close(connection: Relayed): void {
  const { socket, port, cell } = connection;
  connection.isClosing = true;
  send(connection);
  const isReached = cell.state === RelayState.open || cell.state === RelayState.secure;
  const last = setTimeout(() => socket.destroy(), LAST_BYTES);
  const finish = () => {
    clearTimeout(last);
    relayed.delete(connection);
    if (cell.state < RelayState.ended) cell.become(RelayState.ended);
    port.close();
  };
  socket.removeAllListeners('close').on('close', finish);
  if (socket.closed) finish();
  else if (isReached) socket.resume().end();
  else socket.destroy();
}
