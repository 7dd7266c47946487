import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { clientOf } from './client.js';
import { failureOf } from './failure.js';
import type { GuestBook } from './guest-book.js';

export function nodeServer(pool: GuestBook): Server {
  return createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { units } = pool.with({ signal: clientOf(response) });
      const [, id] = /^\/guests\/(\d+)$/.exec(request.url ?? '') ?? [];
      if (request.method === 'GET' && id !== undefined) {
        const guest = await units.guest(Number(id));
        send(response, guest ? 200 : 404, guest);
      } else if (request.url === '/guests' && request.method === 'GET') {
        send(response, 200, await units.guests());
      } else if (request.url === '/guests' && request.method === 'POST') {
        const { name } = (await json(request)) as { name?: unknown };
        send(response, 201, await units.sign(name));
      } else {
        send(response, 404, null);
      }
    } catch (thrown) {
      const { status, error } = failureOf(thrown);
      send(response, status, { error });
    }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
