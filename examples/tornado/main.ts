import type { AddressInfo } from 'node:net';
import { openGuestBook } from '../servers/guest-book.js';
import { makeApp } from './handlers.js';

// node dist/examples/tornado/main.js guests.db
const pool = await openGuestBook(process.argv[2] ?? 'guests.db');
const server = makeApp(pool).listen(Number(process.env.PORT ?? 8888));
server.once('listening', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`guests sign on http://127.0.0.1:${port}/guests`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    server.close(() => void pool.close());
    server.closeIdleConnections();
  });
