import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import { MissingDriverError } from '../../errors.js';

const VERSIONS = '^3.3.4';

type Call = (...args: unknown[]) => number;
/** Calls of the C library. */
export interface Native {
  readonly socket: Call;
  readonly connect: Call;
  readonly setsockopt: Call;
  readonly inet_pton: Call;
  readonly poll: Call;
  readonly close: Call;
  readonly dup3: Call;
  /** Of the call before. */
  readonly errno: () => number;
  readonly codes: Readonly<Record<string, number>>;
  /** What the system's resolver knows of a name: socket addresses, in the order in which they are to be tried. */
  readonly lookUp: (name: string) => readonly Uint8Array[];
}

let native: Native | undefined;

/** The C library. Not imported but required, so that whoever needs no such socket needs no koffi. */
export function loadNative(): Native {
  if (native !== undefined) return native;
  const koffi = requireKoffi();
  const c = koffi.load(null);
  const call = (declaration: string): Call => c.func(declaration) as unknown as Call;
  native = {
    socket: call('int socket(int, int, int)'),
    connect: call('int connect(int, const void *, uint32_t)'),
    setsockopt: call('int setsockopt(int, int, int, const void *, uint32_t)'),
    inet_pton: call('int inet_pton(int, const char *, void *)'),
    poll: call('int poll(void *, unsigned long, int)'),
    close: call('int close(int)'),
    dup3: call('int dup3(int, int, int)'),
    errno: () => koffi.errno(),
    codes: koffi.os.errno,
    lookUp: resolver(koffi, call),
  };
  return native;
}

/** A function of whatever libraries the process has; throws where none has it. */
export function bind(declaration: string): (...args: unknown[]) => unknown {
  return requireKoffi().load(null).func(declaration);
}

interface AddressInfo {
  readonly ai_addrlen: number;
  readonly ai_addr: unknown;
  readonly ai_next: unknown;
}

function resolver(koffi: typeof Koffi, call: (declaration: string) => Call): Native['lookUp'] {
  const info = koffi.struct({
    ai_flags: 'int',
    ai_family: 'int',
    ai_socktype: 'int',
    ai_protocol: 'int',
    ai_addrlen: 'uint32_t',
    ai_addr: 'void *',
    ai_canonname: 'void *',
    ai_next: 'void *',
  });
  const getaddrinfo = call('int getaddrinfo(const char *, const char *, const void *, _Out_ void **)');
  const freeaddrinfo = call('void freeaddrinfo(void *)');
  // One entry for each address, and not for each kind of socket.
  const hints = Buffer.alloc(koffi.sizeof(info));
  new Int32Array(hints.buffer, hints.byteOffset, 3)[2] = SOCK_STREAM;
  return (name) => {
    const found: unknown[] = [null];
    if (getaddrinfo(name, null, hints, found) !== 0) return [];
    const addresses: Uint8Array[] = [];
    for (let at = found[0]; at; ) {
      const entry = koffi.decode(at, info) as AddressInfo;
      addresses.push(Uint8Array.from(koffi.decode(entry.ai_addr, 'uint8_t', entry.ai_addrlen) as number[]));
      at = entry.ai_next;
    }
    freeaddrinfo(found[0]);
    return addresses;
  };
}
const SOCK_STREAM = 1;

function requireKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi');
  } catch (cause) {
    throw new MissingDriverError({ driver: 'koffi', version: VERSIONS }, { cause });
  }
}
