import { createServer, type Server } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { clientOf } from './client.js';
import { failureOf } from './failure.js';
import type { GuestBook } from './guest-book.js';

export function expressServer(pool: GuestBook): Server {
  const unitsFor = (response: Response) => pool.with({ signal: clientOf(response) }).units;
  const app = express();
  app.use(express.json());

  app.get('/guests', async (_request, response) => {
    response.json(await unitsFor(response).guests());
  });
  app.get('/guests/:id', async (request, response) => {
    const guest = await unitsFor(response).guest(Number(request.params.id));
    response.status(guest ? 200 : 404).json(guest);
  });
  app.post('/guests', async (request, response) => {
    response.status(201).json(await unitsFor(response).sign(request.body?.name));
  });

  // Express 5 brings it what a handler's promise rejects with.
  app.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const { status, error } = failureOf(thrown);
    response.status(status).json({ error });
  });
  return createServer(app);
}
