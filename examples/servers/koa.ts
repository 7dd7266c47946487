import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import Koa from 'koa';
import { clientOf } from './client.js';
import { failureOf } from './failure.js';
import type { GuestBook } from './guest-book.js';

interface State {
  units: GuestBook['units'];
}

export function koaServer(pool: GuestBook): Server {
  const app = new Koa<State>();

  app.use(async (context, next) => {
    context.state.units = pool.with({ signal: clientOf(context.res) }).units;
    try {
      await next();
    } catch (thrown) {
      const { status, error } = failureOf(thrown);
      context.status = status;
      context.body = { error };
    }
  });

  app.use(async (context) => {
    const { units } = context.state;
    const [, id] = /^\/guests\/(\d+)$/.exec(context.path) ?? [];
    if (context.method === 'GET' && id !== undefined) {
      const guest = await units.guest(Number(id));
      context.body = guest;
      context.status = guest ? 200 : 404;
    } else if (context.path === '/guests' && context.method === 'GET') {
      context.body = await units.guests();
    } else if (context.path === '/guests' && context.method === 'POST') {
      const { name } = (await json(context.req)) as { name?: unknown };
      context.body = await units.sign(name);
      context.status = 201;
    }
  });
  return createServer(app.callback());
}
