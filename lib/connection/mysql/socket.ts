import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Watch } from '../connection.js';
import { type Address, type ByteStream, type Opening, SLICE } from './byte-stream.js';
import { loadNative, type Native } from './native.js';

// Of Linux, where they are the same on the processors below.
const PROCESSORS: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
/** The same as O_CLOEXEC. */
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const POLLIN = 1;

/** Whether this system has sockets that block as they are needed here; elsewhere a relay serves. */
export function hasBlockingSockets(): boolean {
  if (process.platform !== 'linux' || !PROCESSORS.includes(process.arch)) return false;
  try {
    loadNative();
    return true;
  } catch {
    return false;
  }
}

export interface BlockingSocket extends ByteStream {
  readonly descriptor: number;
}

/** Connects a blocking socket. */
export function openSocket(opening: Opening): BlockingSocket {
  const calls = loadNative();
  const [family, address] = toSocketAddress(opening.address, calls);
  const descriptor = open(family, calls);
  const socket = new Socket(descriptor, calls, opening.watch);
  try {
    setOptions(descriptor, family, calls);
    connect(descriptor, address, opening, calls);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * A socket under the number of a file that Node has opened. What a thread has opened so is closed with it, however it ends, and
 * without anybody who would have to live for that: else a server would keep the session of a thread that is gone, and its locks.
 */
function open(family: number, calls: Native): number {
  const made = calls.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw failure('socket', calls);
  try {
    const descriptor = openSync('/dev/null', 'r');
    if (calls.dup3(made, descriptor, SOCK_CLOEXEC) === descriptor) return descriptor;
    const error = failure('dup3', calls);
    closeSync(descriptor);
    throw error;
  } finally {
    calls.close(made);
  }
}

function setOptions(descriptor: number, family: number, { setsockopt }: Native): void {
  const on = new Int32Array([1]);
  const slice = new BigInt64Array([0n, BigInt(SLICE) * 1000n]);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, slice, slice.byteLength);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, slice, slice.byteLength);
  if (family === AF_UNIX) return;
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, on, on.byteLength);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, on, on.byteLength);
}

/** Asked again after each slice, the kernel goes on waiting for the same connection. */
function connect(descriptor: number, address: Uint8Array, { pause }: Opening, calls: Native): void {
  const { EINPROGRESS, EALREADY, EAGAIN, EINTR, EISCONN } = calls.codes;
  for (;;) {
    if (calls.connect(descriptor, address, address.length) === 0) return;
    const errno = calls.errno();
    if (errno === EISCONN) return;
    if (errno !== EINPROGRESS && errno !== EALREADY && errno !== EAGAIN && errno !== EINTR)
      throw failure('connect', calls, errno);
    pause();
  }
}

function failure(what: string, { errno, codes }: Native, number = errno()): Error {
  const code = Object.keys(codes).find((name) => codes[name] === number) ?? `errno ${number}`;
  return Object.assign(new Error(`${what} ${code}`), { code });
}

/** A `sockaddr` of the C library. */
function toSocketAddress(address: Address, { inet_pton }: Native): [family: number, bytes: Uint8Array] {
  if ('path' in address) return [AF_UNIX, toPathAddress(address.path)];
  const family = isIPv6(address.host) ? AF_INET6 : AF_INET;
  const bytes = Buffer.alloc(family === AF_INET6 ? 28 : 16);
  new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = family;
  bytes.writeUInt16BE(address.port, 2);
  if (inet_pton(family, address.host, bytes.subarray(family === AF_INET6 ? 8 : 4)) !== 1)
    throw Object.assign(new Error(`${address.host} is no IP address`), { code: 'EINVAL' });
  return [family, bytes];
}

const LONGEST_PATH = 107;
/** Node cuts it, and connects to whatever has that name. */
export function refuseLongPath(path: string): void {
  const length = Buffer.byteLength(path);
  if (length <= LONGEST_PATH) return;
  const message = `the socket's path has ${length} bytes, and the system takes ${LONGEST_PATH}: ${path}`;
  throw Object.assign(new Error(message), { code: 'ENAMETOOLONG' });
}
function toPathAddress(path: string): Uint8Array {
  refuseLongPath(path);
  const bytes = Buffer.alloc(2 + LONGEST_PATH + 1);
  new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = AF_UNIX;
  bytes.write(path, 2);
  return bytes;
}

/** Where an answer came within so many milliseconds, the next one is looked for as long: to be woken may take more than the query. */
const PROMPT = 0.3;
const HAS_CORES = availableParallelism() > 1;
/** So many bytes at once are of a long answer: its rest is slept for, and the core left to the server and the caller. */
const LONG = 1 << 13;

const SLAB = 1 << 18;
/** Less room than this is not worth a read. */
const CROWDED = 1 << 14;

class Socket implements BlockingSocket {
  readonly kind = 'socket';
  #descriptor: number;
  readonly #native: Native;
  readonly #watch: Watch | undefined;
  /** Read into bit by bit, since an answer that is not complete yet is kept where it was read. */
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;
  /** A `struct pollfd`: hanging up and errors are reported unasked. */
  readonly #asked = new Int32Array(2);
  /** The last answer came soon. */
  #isPrompt = false;
  /** In the middle of a long one, as it seems. */
  #isLong = false;

  constructor(descriptor: number, calls: Native, watch: Watch | undefined) {
    this.#descriptor = descriptor;
    this.#native = calls;
    this.#watch = watch;
    new Int16Array(this.#asked.buffer, 4)[0] = POLLIN;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    this.#isLong = false;
    try {
      return writeSync(this.#descriptor, bytes, from, to - from);
    } catch (error) {
      if (isPause(error)) return 0;
      throw error;
    }
  }

  read(): Buffer | undefined {
    if (SLAB - this.#used < CROWDED) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    const from = this.#used;
    const start = performance.now();
    if (this.#isPrompt && !this.#isLong && this.#watch?.isAlone !== false) this.#lookUntil(start + PROMPT);
    try {
      const length = readSync(this.#descriptor, this.#slab, from, SLAB - from, null);
      this.#isPrompt = HAS_CORES && performance.now() - start < PROMPT;
      this.#isLong = length >= LONG;
      this.#used += length;
      return this.#slab.subarray(from, from + length);
    } catch (error) {
      if (isPause(error)) return undefined;
      throw error;
    }
  }

  #lookUntil(time: number): void {
    while (!this.hasInput() && performance.now() < time);
  }

  reuse(): void {
    this.#used = 0;
  }

  hasInput(): boolean {
    this.#asked[0] = this.#descriptor;
    return this.#native.poll(this.#asked, 1, 0) > 0;
  }

  close(): void {
    if (this.#descriptor < 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** The slice is over, or a signal came in between. */
const isPause = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');
