import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type ByteStream, type Opening, type OpenStream, SLICE } from '../lib/connection/mysql/byte-stream.js';
import { refuseLongPath } from '../lib/connection/mysql/socket.js';
import { toTlsError } from '../lib/connection/mysql/tls-error.js';
import type { TlsSettings } from '../lib/plan/tls.js';
import { now } from '../lib/wire/clock.js';
import { RelayCell, RelayState } from '../lib/wire/relay-cell.js';
import { RELAY_LOST as LOST, type RelayFailure, type RelayOpening, type ToRelay } from '../lib/wire/relay-message.js';

/** Slices of silence after which the relay is asked whether it lives, and after which it is taken for dead. Slices, since a clock goes on where the process is stopped. */
const ASKED = 10;
const DEAD = 60;
/** Milliseconds of rest after which what the relay knows of the other side may be old. */
const REST = 0.2;
/** Milliseconds that closing may take. */
const CLOSING = 1_000;
const SLAB = 1 << 18;
/** Less room than this is not worth a read. */
const CROWDED = 1 << 14;

/** This thread's relay; it ends with this thread, or before. */
interface Relay {
  readonly worker: Worker;
  isOver: boolean;
}
let relay: Relay | undefined;

function startRelay(): Relay {
  if (relay !== undefined && !relay.isOver) return relay;
  const worker = new Worker(new URL('./relay.js', import.meta.url), { name: 'offthread relay', execArgv: [] });
  const started = { worker, isOver: false };
  worker.unref();
  const end = () => {
    started.isOver = true;
  };
  // What it died of is told by whoever waited for it.
  worker.on('error', end).on('exit', end);
  return (relay = started);
}

/** Connections of which another thread has the socket, so that they may be encrypted, and need no native code of ours. */
export function relayStreams(tls: TlsSettings | undefined): OpenStream {
  return (opening) => {
    if ('path' in opening.address) refuseLongPath(opening.address.path);
    const stream = new RelayStream(opening, tls);
    try {
      stream.connect();
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  };
}

class RelayStream implements ByteStream {
  readonly kind = 'relay';
  readonly #opening: Opening;
  readonly #tls: TlsSettings | undefined;
  readonly #cell = new RelayCell();
  readonly #port: MessagePort;
  readonly #relay = startRelay();
  /** Read into bit by bit, since an answer that is not complete yet is kept where it was read. */
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;
  /** When the relay last brought something. */
  #touched = now();
  #silentSlices = 0;
  #pulse = 0;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(opening: Opening, tls: TlsSettings | undefined) {
    this.#opening = opening;
    this.#tls = tls;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const message: RelayOpening = { address: opening.address, cell: this.#cell.buffer, port: port2 };
    this.#relay.worker.postMessage(message, [port2]);
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    const { toServer, bell } = this.#cell;
    this.#refuseIfOver();
    const given = bytes.subarray(from, to);
    let length = toServer.write(given);
    if (length === 0) {
      this.#cell.awaitRoom();
      if (toServer.isFull) this.#wait(bell);
      length = toServer.write(given);
    }
    if (length > 0 && this.#cell.call()) this.#tell('bytes');
    return length;
  }

  read(): Buffer | undefined {
    const { toLane, bell, state } = this.#cell;
    if (toLane.length === 0) {
      if (state === RelayState.ended) return Buffer.alloc(0);
      this.#refuseIfOver();
      if (!this.#wait(bell) || toLane.length === 0) return undefined;
    }
    if (SLAB - this.#used < CROWDED) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    this.#touched = now();
    const from = this.#used;
    this.#used += toLane.readInto(this.#slab.subarray(from));
    if (this.#cell.mayContinue()) this.#tell('room');
    return this.#slab.subarray(from, this.#used);
  }

  reuse(): void {
    this.#used = 0;
  }

  hasInput(): boolean {
    if (this.#knowsInput()) return true;
    if (now() - this.#touched < REST) return false;
    // The system may have heard of an end that the relay has not seen yet.
    const { pulse } = this.#cell;
    this.#tell('look');
    for (let { bell } = this.#cell; this.#cell.pulse === pulse && !this.#knowsInput(); { bell } = this.#cell)
      if (!this.#wait(bell)) break;
    this.#touched = now();
    return this.#knowsInput();
  }
  #knowsInput(): boolean {
    return this.#cell.toLane.length > 0 || this.#cell.state >= RelayState.ended || this.#relay.isOver;
  }

  connect(): void {
    try {
      this.#awaitChange(RelayState.connecting);
    } catch (error) {
      if (this.#cell.pulse === 0) this.#endRelay();
      throw error;
    }
  }

  startTls(): void {
    if (this.#tls === undefined) throw new TypeError('no settings of TLS were given');
    this.#tell({ secure: this.#tls });
    this.#awaitChange(RelayState.open);
    if (this.#cell.state === RelayState.ended) this.#refuseIfOver();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tell('close');
    const until = this.#relay.isOver ? 0 : now() + CLOSING;
    // This thread may end next, and the relay with it: what was written last shall have gone out.
    for (let { bell } = this.#cell; this.#cell.state < RelayState.ended && now() < until; { bell } = this.#cell)
      this.#cell.waitSince(bell, SLICE);
    this.#port.close();
  }

  /** A stream that has ended meanwhile may have bytes to be read. */
  #awaitChange(from: RelayState): void {
    for (let { bell } = this.#cell; this.#cell.state === from; { bell } = this.#cell) {
      this.#wait(bell);
      if (this.#relay.isOver) this.#refuseIfOver();
      this.#opening.pause();
    }
    if (this.#cell.state === RelayState.failed) this.#refuseIfOver();
  }

  #tell(message: ToRelay): void {
    this.#port.postMessage(message);
  }

  /** Throws what broke the connection. A stream that the server has ended takes no bytes either. */
  #refuseIfOver(): void {
    const { state } = this.#cell;
    if (state === RelayState.ended) throw broken('the server ended the connection', 'ECONNRESET');
    if (state === RelayState.failed) this.#failure ??= this.#readFailure();
    if (this.#relay.isOver) this.#failure ??= broken('the thread that relays its bytes has ended', LOST);
    if (this.#failure !== undefined) throw this.#failure;
  }
  #readFailure(): Error {
    const failure = receiveMessageOnPort(this.#port)?.message as RelayFailure | undefined;
    if (failure?.isTls) return toTlsError(this.#opening.address, failure);
    if (failure?.code === LOST) this.#endRelay();
    return broken(failure?.message ?? 'the relay ended', failure?.code ?? LOST);
  }

  /** Until there is news, for a slice at most. False where there was none. */
  #wait(bell: number): boolean {
    const isNews = this.#cell.waitSince(bell, SLICE);
    if (isNews) this.#silentSlices = 0;
    else this.#feelPulse();
    return isNews;
  }

  /** A thread that died cannot say so: this thread would hear of it only in its event loop, which does not turn. */
  #feelPulse(): void {
    const { pulse } = this.#cell;
    this.#silentSlices++;
    if (this.#silentSlices === ASKED) {
      this.#pulse = pulse;
      this.#tell('ping');
    } else if (this.#silentSlices > ASKED && pulse !== this.#pulse) {
      this.#silentSlices = 0;
    } else if (this.#silentSlices === DEAD) {
      this.#endRelay();
    }
  }

  /** The next connection gets another. */
  #endRelay(): void {
    this.#relay.isOver = true;
    void this.#relay.worker.terminate();
  }
}

const broken = (message: string, code: string): Error => Object.assign(new Error(message), { code });
