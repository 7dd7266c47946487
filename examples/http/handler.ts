import type { FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../world/world.js';
import { ClientGone } from './errors.js';
import { Input } from './input.js';

/** One per request. A route is a subclass with a method for each HTTP method that it answers. */
export abstract class Handler {
  readonly reply: FastifyReply;
  readonly #request: FastifyRequest;
  readonly #pool: World;

  constructor(request: FastifyRequest, reply: FastifyReply, pool: World) {
    this.reply = reply;
    this.#request = request;
    this.#pool = pool;
  }

  get?(): unknown;
  post?(): unknown;

  get params(): Input {
    return new Input(this.#request.params);
  }

  get query(): Input {
    return new Input(this.#request.query);
  }

  get body(): Input {
    return new Input(this.#request.body);
  }

  /** The units of the pool; a call is cancelled when its client goes away. */
  get units(): World['units'] {
    const client = new AbortController();
    const { raw } = this.reply;
    // Not request.signal: Fastify 5.12 aborts that one as soon as the body of a POST has been read.
    raw.once('close', () => {
      if (!raw.writableEnded) client.abort(new ClientGone('the client closed the connection'));
    });
    return this.#pool.with({ signal: client.signal }).units;
  }
}
