import type { Socket } from 'node:net';

/** One packet of MySQL's protocol. */
export interface Packet {
  readonly sequence: number;
  readonly content: Buffer;
}

export function frame({ sequence, content }: Packet): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(content.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, content]);
}

/** The packets that come on a socket, until it ends or is left to another. */
export class Packets {
  #bytes = Buffer.alloc(0);
  #wake = () => {};
  #isOver = false;
  #socket: Socket;
  readonly #onData = (bytes: Buffer) => {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  async next(): Promise<Packet> {
    for (;;) {
      const length = this.#bytes.length < 4 ? Number.POSITIVE_INFINITY : this.#bytes.readUIntLE(0, 3);
      if (this.#bytes.length >= 4 + length) {
        const packet = { sequence: this.#bytes[3] as number, content: this.#bytes.subarray(4, 4 + length) };
        this.#bytes = this.#bytes.subarray(4 + length);
        return packet;
      }
      if (this.#isOver) throw new Error('the client is gone');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** From here on the socket's bytes are another's; what came too early is handed over. */
  leave(): Buffer {
    this.#socket.off('data', this.#onData);
    return this.#bytes;
  }
}
