import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GuestBook } from './guest-book.js';

/** Tells where a server listens, and closes it and its pool when the process is told to end. */
export function serveUntilSignal(server: Server, pool: GuestBook): void {
  server.once('listening', () => {
    const { port } = server.address() as AddressInfo;
    console.log(`guests sign on http://127.0.0.1:${port}/guests`);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      // It answers what it has taken; then nobody asks the pool any more.
      server.close(() => void pool.close());
      server.closeIdleConnections();
    });
}
