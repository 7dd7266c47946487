import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { text } from 'node:stream/consumers';
import { ClientGoneError, OffthreadError, type Pool } from 'offthread';

// Tornado's web module, as much of it as a handler needs, over Node's server and a pool.

/** `raise tornado.web.HTTPError(404)`: what a handler throws to answer with a status. */
export class HTTPError extends Error {
  override name = 'HTTPError';
  readonly status: number;
  constructor(status: number, message = STATUS_CODES[status] ?? 'Unknown') {
    super(message);
    this.status = status;
  }
}

const VERBS = ['get', 'post', 'put', 'delete'] as const;

/** One per request. A subclass has a method for each HTTP method that it answers; a promise is awaited. */
export abstract class RequestHandler<U = unknown> {
  readonly application: Application<U>;
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #url: URL;
  readonly #body: string;
  readonly #client = new AbortController();
  readonly #written: string[] = [];

  constructor(application: Application<U>, request: IncomingMessage, response: ServerResponse, body: string) {
    this.application = application;
    this.request = request;
    this.#response = response;
    this.#url = new URL(request.url ?? '/', 'http://localhost');
    this.#body = body;
    response.once('close', () => {
      if (!response.writableEnded) this.onConnectionClose();
    });
  }

  get?(...groups: string[]): unknown;
  post?(...groups: string[]): unknown;
  put?(...groups: string[]): unknown;
  delete?(...groups: string[]): unknown;

  /** Called before the method. */
  prepare(): unknown {
    return undefined;
  }
  /** The client has left: what it was waiting for is stopped, and rolled back. */
  onConnectionClose(): void {
    this.#client.abort(new ClientGoneError({ statusCode: 499 }));
  }

  /** The units of the pool, for as long as the client waits. */
  get units(): Pool<U>['units'] {
    return this.application.pool.with({ signal: this.#client.signal }).units;
  }

  /** From the query, or from the body of a form. */
  getArgument(name: string, or?: string): string {
    const isForm = this.request.headers['content-type'] === 'application/x-www-form-urlencoded';
    const found = this.#url.searchParams.get(name) ?? (isForm ? new URLSearchParams(this.#body).get(name) : null) ?? or;
    if (found === undefined) throw new HTTPError(400, `Missing argument ${name}`);
    return found;
  }
  get body(): string {
    return this.#body;
  }

  setStatus(status: number): void {
    this.#response.statusCode = status;
  }
  setHeader(name: string, value: string): void {
    this.#response.setHeader(name, value);
  }
  redirect(url: string): void {
    this.setStatus(302);
    this.setHeader('location', url);
    this.finish();
  }
  /** Text as it is; anything else as JSON. */
  write(chunk: unknown): void {
    if (typeof chunk !== 'string') this.setHeader('content-type', 'application/json');
    this.#written.push(typeof chunk === 'string' ? chunk : JSON.stringify(chunk));
  }
  /** Ends the answer; one that its method has not ended is ended behind it. */
  finish(chunk?: unknown): void {
    if (chunk !== undefined) this.write(chunk);
    this.#response.end(this.#written.join(''));
  }
  get isFinished(): boolean {
    return this.#response.writableEnded;
  }
  /** How an error is shown. */
  writeError(status: number, error: unknown): void {
    this.#written.length = 0;
    this.setStatus(status);
    this.finish({ error: status < 500 && error instanceof Error ? error.message : STATUS_CODES[status] });
  }
}

type HandlerClass<U> = new (...args: ConstructorParameters<typeof RequestHandler<U>>) => RequestHandler<U>;
/** A path, whose groups are the arguments of the method, and who answers there. */
export type Route<U> = readonly [path: string, handler: HandlerClass<U>];

export class Application<U> {
  readonly pool: Pool<U>;
  readonly #routes: readonly (readonly [RegExp, HandlerClass<U>])[];

  constructor(routes: readonly Route<U>[], pool: Pool<U>) {
    this.pool = pool;
    this.#routes = routes.map(([path, handler]) => [new RegExp(`^${path}$`), handler]);
  }

  listen(port: number, address = '127.0.0.1'): Server {
    return createServer((request, response) => void this.#answer(request, response)).listen(port, address);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that leaves in the middle of its body is told nothing.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const path = (request.url ?? '/').replace(/\?.*/, '');
    const [pattern, Handler] = this.#routes.find(([pattern]) => pattern.test(path)) ?? [/^/, NotFoundHandler<U>];
    const handler = new Handler(this, request, response, body);
    try {
      await handler.prepare();
      if (!handler.isFinished) await this.#call(handler, pattern.exec(path)?.slice(1) ?? []);
      if (!handler.isFinished) handler.finish();
    } catch (error) {
      if (!handler.isFinished) handler.writeError(statusOf(error), error);
    }
  }

  #call(handler: RequestHandler<U>, groups: readonly string[]): unknown {
    const verb = VERBS.find((verb) => verb === handler.request.method?.toLowerCase());
    const method = verb && handler[verb];
    if (method === undefined) throw new HTTPError(405);
    return method.apply(handler, [...groups]);
  }
}

class NotFoundHandler<U> extends RequestHandler<U> {
  override prepare(): never {
    throw new HTTPError(404);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HTTPError) return error.status;
  return error instanceof OffthreadError && error.retryable ? 503 : 500;
}
