import { connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What the proxy does to what passes: cuts it every so many bytes, and waits in between. */
export interface Cutting {
  readonly port: number;
  readonly every: number;
  /** Milliseconds between two pieces. */
  readonly pause: number;
}

// Its own thread: whoever tests a connection that blocks has no event loop left to pass bytes on.
const { port, every, pause } = workerData as Cutting;

async function pass(from: Socket, to: Socket): Promise<void> {
  try {
    for await (const bytes of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < bytes.length; at += every) {
        to.write(bytes.subarray(at, at + every));
        if (pause > 0) await setTimeout(pause);
        else await new Promise(setImmediate);
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
  for (const socket of [client, upstream]) socket.on('error', () => {});
  pass(client, upstream).catch(() => {});
  pass(upstream, client).catch(() => {});
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as { port: number }).port));
