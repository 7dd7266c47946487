import Fastify, { type FastifyInstance } from 'fastify';
import { createPool } from 'offthread';
import type * as units from './gino-users.js';
import { NotFound } from './gino-users.js';

// GINO: its Starlette, aiohttp and Tornado extensions

interface Said {
  Params: { id: number };
  Body: { nickname: string };
}
const numbered = { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } };

/** A server of users. Where GINO awaits each statement, a handler here awaits a unit: one hop, one transaction. */
export async function serveUsers(file: string): Promise<FastifyInstance> {
  const pool = await createPool<typeof units>({
    database: `sqlite:${file}`,
    units: new URL('./gino-users.js', import.meta.url),
    errors: [NotFound],
  });
  const app = Fastify();
  app.addHook('onClose', () => pool.close());
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof NotFound)) throw error;
    return reply.code(404).send({ error: error.message });
  });

  app.get<Said>('/users/:id', numbered, ({ params }) => pool.units.getUser(params.id));
  app.post<Said>('/users', ({ body }) => pool.units.addUser(body.nickname));
  app.put<Said>('/users/:id', numbered, async ({ params, body }, reply) => {
    await pool.units.renameUser(params.id, body.nickname);
    return reply.code(204).send();
  });
  app.delete<Said>('/users/:id', numbered, async ({ params }, reply) => {
    await pool.units.removeUser(params.id);
    return reply.code(204).send();
  });
  return app;
}
