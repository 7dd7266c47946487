import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { World } from '../world/world.js';
import { sentenceOf, statusOf } from './errors.js';
import { routes } from './routes.js';

export function buildServer(pool: World, options: FastifyServerOptions = {}): FastifyInstance {
  const server = Fastify(options);

  for (const [url, Route] of Object.entries(routes)) {
    for (const method of ['get', 'post'] as const) {
      if (!(method in Route.prototype)) continue;
      server[method](url, (request, reply) => new Route(request, reply, pool)[method]?.());
    }
  }

  // A client that keeps its connection would keep a server that drains from its end.
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (!server.server.listening) reply.header('connection', 'close');
    done();
  });

  server.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) request.log.error(error);
    return reply.code(status).send({ error: sentenceOf(error, status) });
  });

  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is nothing at ${request.method} ${request.url}` }),
  );

  return server;
}
