import { makeWorld, openWorld } from '../world/world.js';
import { Input } from './input.js';
import { buildServer } from './server.js';

const GRACE = 5_000;

const pool = await openWorld(await makeWorld(process.argv[2]));
const server = buildServer(pool, { logger: { level: 'warn' } });

// once: a second Ctrl-C ends the process at once
process.once('SIGINT', drain);
process.once('SIGTERM', drain);

try {
  const port = new Input(process.env).integer('PORT', { from: 0, to: 65_535, or: 3000 });
  const address = await server.listen({ host: '127.0.0.1', port });
  console.log(`serving the world on ${address}; try ${address}/countries/FR or ${address}/cities?prefix=Lon`);
} catch (error) {
  console.error(`the server did not start: ${(error as Error).message}; choose a port, as in PORT=3001 npm run serve`);
  process.exitCode = 1;
  await drain();
}

async function drain(): Promise<void> {
  // A browser keeps connections that have asked for nothing yet, and close() would wait for them.
  setTimeout(() => server.server.closeAllConnections(), GRACE).unref();
  await server.close();
  await pool.close();
}
