import type { Server } from 'node:http';
import { expressServer } from './express.js';
import { fastifyServer } from './fastify.js';
import { type GuestBook, openGuestBook } from './guest-book.js';
import { koaServer } from './koa.js';
import { nodeServer } from './node.js';
import { serveUntilSignal } from './until-signal.js';

// node dist/examples/servers/main.js express guests.db
const servers: Record<string, (pool: GuestBook) => Server | Promise<Server>> = {
  express: expressServer,
  koa: koaServer,
  node: nodeServer,
  fastify: async (pool) => {
    const app = fastifyServer(pool);
    await app.ready();
    return app.server;
  },
};
const [, , name = 'node', file = 'guests.db'] = process.argv;
const start = servers[name];
if (start === undefined) {
  console.error(`'${name}' is none of ${Object.keys(servers).join(', ')}`);
  process.exit(1);
}

const pool = await openGuestBook(file);
const server = await start(pool);
serveUntilSignal(server, pool);
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
