import { makeWorld, openWorld } from '../world/world.js';
import { buildServer } from './server.js';

const GRACE = 5_000;

const pool = await openWorld(await makeWorld(process.argv[2]));
const server = buildServer(pool, { logger: { level: 'warn' } });

// once: a second Ctrl-C ends the process at once
process.once('SIGINT', drain);
process.once('SIGTERM', drain);

const address = await server.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
console.log(`serving the world on ${address}; try ${address}/countries/FR or ${address}/cities?prefix=Lon`);

async function drain(): Promise<void> {
  // A browser keeps connections that have asked for nothing yet, and close() would wait for them.
  setTimeout(() => server.server.closeAllConnections(), GRACE).unref();
  await server.close();
  await pool.close();
}
