import Fastify, { type FastifyInstance } from 'fastify';
import offthread from 'offthread/fastify';
import { failureOf } from './failure.js';
import type { GuestBook } from './guest-book.js';

declare module 'offthread/fastify' {
  // From here on fastify.db and request.db know the units.
  interface Registered {
    db: GuestBook;
  }
}

export function fastifyServer(pool: GuestBook): FastifyInstance {
  const app = Fastify();
  // Or { database, units }: then the pool is made, and closed, with the server.
  app.register(offthread, { pool });

  // request.db is the pool, and stops what its client does not wait for any more.
  app.get('/guests', (request) => request.db.units.guests());
  app.get<{ Params: { id: string } }>('/guests/:id', async (request, reply) => {
    const guest = await request.db.units.guest(Number(request.params.id));
    return reply.code(guest ? 200 : 404).send(JSON.stringify(guest));
  });
  app.post<{ Body: { name?: unknown } }>('/guests', async (request, reply) => {
    const guest = await request.db.units.sign(request.body.name);
    return reply.code(201).send(guest);
  });

  app.setErrorHandler((thrown, _request, reply) => {
    const { status, error } = failureOf(thrown);
    return reply.code(status).send({ error });
  });
  return app;
}
