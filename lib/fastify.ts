/** `offthread/fastify`: a pool as a plugin of Fastify. Runs on the caller's thread; of Fastify it needs the types only. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { CallError, ClientGoneError, optionError } from './errors.js';
import { readTime } from './plan/option.js';
import type { PoolWith } from './plan/pool-with.js';
import { createPool, type Pool, type PoolOptions } from './pool.js';

/**
 * What `fastify.db` is, told once per program:
 *
 * ```ts
 * declare module 'offthread/fastify' {
 *   interface Registered { db: Pool<typeof units> } // or, with names: { db: { shop: Pool<typeof shop>; log: Pool } }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: programs fill it in
export interface Registered {}

/** `fastify.db`: the pool, or the pools by their names. */
export type Database = Registered extends { db: infer D } ? D : Pool;
/** `request.db`: the same, where every call, stream, lease and transaction is stopped when the request's client leaves. */
export type RequestDatabase = OfRequest<Database>;
type OfRequest<D> =
  D extends Pool<infer U>
    ? PoolWith<U>
    : { readonly [Name in keyof D]: D[Name] extends Pool<infer U> ? PoolWith<U> : never };

declare module 'fastify' {
  interface FastifyInstance {
    readonly db: Database;
  }
  interface FastifyRequest {
    /** The pool with a signal that aborts, with a ClientGoneError, when the client leaves before it was answered. */
    readonly db: RequestDatabase;
  }
}

interface Registration {
  /** Registers it as `fastify.db[name]` rather than as `fastify.db`, so that there may be several. */
  readonly name?: string | undefined;
  /** Whether `fastify.close()` closes the pool; default: where the plugin has made it. */
  readonly close?: boolean | undefined;
  /** How long `fastify.close()` waits for calls that are left, in milliseconds, before it cuts them; default: without limit. */
  readonly closeTimeout?: number | undefined;
}
/** The options of a pool that the plugin makes, or a pool that is there. */
export type FastifyOffthreadOptions = Registration &
  // biome-ignore lint/suspicious/noExplicitAny: a pool of whatever units
  (PoolOptions | { readonly pool: Pool<any> });

/** The pools that were registered with names; a context inside of another sees the other's too. */
type Named = Record<string, Pool>;
const named = new WeakSet<object>();
const REPLY = Symbol('offthread.reply');
type Noted = FastifyRequest & { [REPLY]: FastifyReply | null };

const register: FastifyPluginAsync<FastifyOffthreadOptions> = async (fastify, options) => {
  const { name, close, closeTimeout, pool: given, ...rest } = options as Registration & PoolOptions & { pool?: Pool };
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw optionError('type', 'name', name, 'a text, or left out');
  const timeout = readTime('closeTimeout', closeTimeout, Number.POSITIVE_INFINITY);
  refuseSecond(fastify, name);
  const opening = given === undefined ? createPool(rest) : check(given);
  // Said before it is open: Fastify gives up on a plugin that takes long, and closes then.
  fastify.addHook('onClose', async () => {
    const pool = await opening.catch(() => undefined);
    if (close ?? given === undefined) await pool?.close({ timeout });
  });
  decorate(fastify, name, await opening);
};

/** What fastify-plugin writes on a plugin: it belongs to whoever registers it, and says who it is. */
const plugin: typeof register = Object.assign(register, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'offthread',
  [Symbol.for('plugin-meta')]: { name: 'offthread', fastify: '5.x' },
});

/**
 * Registers a pool: `fastify.register(offthread, { database, units })` makes one, `{ pool }` takes one that is there.
 *
 * `fastify.ready()` rejects with what `createPool` throws, or with what a database says that does not answer. `fastify.close()`
 * lets calls finish and closes the pool.
 *
 * @throws CallError where `fastify.db` is registered already: give each of several a `name`
 */
export default plugin;
export { plugin as fastifyOffthread };

async function check(pool: Pool): Promise<Pool> {
  await pool.ping();
  return pool;
}

function refuseSecond(fastify: FastifyInstance, name: string | undefined): void {
  if (!fastify.hasDecorator('db')) return;
  const known = fastify.db as object;
  if (name !== undefined && named.has(known) && !(name in known)) return;
  throw new CallError({
    call: 'register(offthread)',
    problem:
      name !== undefined && named.has(known)
        ? `a pool named '${name}' is registered already`
        : 'fastify.db is registered already',
    wayOut: "Give each a name of its own: { name: 'shop' } is fastify.db.shop.",
  });
}

function decorate(fastify: FastifyInstance, name: string | undefined, pool: Pool): void {
  // Others may have been registered while it opened.
  refuseSecond(fastify, name);
  if (!fastify.hasRequestDecorator('db')) {
    fastify.decorateRequest(REPLY, null);
    fastify.addHook('onRequest', (request, reply, done) => {
      (request as Noted)[REPLY] = reply;
      done();
    });
    const getter = function (this: FastifyRequest) {
      return databaseOf(this);
    };
    fastify.decorateRequest('db', { getter } as never);
  }
  if (name === undefined) return void fastify.decorate('db', pool as never);
  const inherited = fastify.hasDecorator('db') ? (fastify.db as unknown as Named) : null;
  if (inherited !== null && Object.hasOwn(fastify, 'db')) return void (inherited[name] = pool);
  const pools: Named = Object.create(inherited);
  pools[name] = pool;
  named.add(pools);
  fastify.decorate('db', pools as never);
}

const databases = new WeakMap<FastifyRequest, RequestDatabase>();

/** Made when it is first touched: a request that asks for nothing costs nothing. */
function databaseOf(request: FastifyRequest): RequestDatabase {
  let database = databases.get(request);
  if (database !== undefined) return database;
  const { db } = request.server;
  const signal = signalOf(request as Noted);
  const pools = db as unknown as Named;
  database = (named.has(db) ? eachWith(pools, signal) : (db as Pool).with({ signal })) as RequestDatabase;
  databases.set(request, database);
  return database;
}

function eachWith(pools: Named, signal: AbortSignal): Record<string, unknown> {
  const runners: Record<string, unknown> = Object.create(null);
  for (const name in pools) runners[name] = (pools[name] as Pool).with({ signal });
  return runners;
}

/** Aborted when the connection is closed before the answer was complete. */
function signalOf({ [REPLY]: reply }: Noted): AbortSignal {
  if (reply === null)
    throw new CallError({
      call: 'request.db',
      problem: 'it was touched in a hook that runs before those of the plugin',
      wayOut: 'Register offthread before that hook.',
    });
  const { raw } = reply;
  const client = new AbortController();
  const onClose = () => {
    // Not request.raw, which is closed as soon as its body has been read.
    if (!raw.writableEnded) client.abort(new ClientGoneError({ statusCode: 499 }));
  };
  if (raw.destroyed) onClose();
  else raw.once('close', onClose);
  return client.signal;
}
