import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WrappedModuleError } from '../lib/errors.js';
import { importFailure } from '../lib/plan/module-file.js';
import { Cell, State } from '../lib/wire/cell.js';
import { type Fault, fromFault, toFault } from '../lib/wire/fault.js';
import { frameOf } from '../lib/wire/frame.js';
import type { GraphOpened, GraphOpening, GraphTask } from '../lib/wire/message.js';
import { Exchange } from '../lib/wire/remote/exchange.js';
import { describe, isCarriedOut, NO_SLOT, type Reply, type Request } from '../lib/wire/remote/request.js';
import { isService } from '../lib/wire/remote/traits.js';

/** What a module exports; what a CommonJS module exports is also found where Node did not see its names. */
type Exports = (path: readonly string[]) => object;

/** The one task of a wrapped module's thread: imports it, and from then on the port is heard. */
export default async function openGraph({ opening }: GraphTask): Promise<GraphOpened> {
  const cell = new Cell(opening.cell);
  try {
    // Seen from outside, the import is a call too.
    cell.begin(IMPORT);
    serve(opening, cell, await importModule(opening.module));
    return undefined;
  } catch (error) {
    return toFault(error);
  } finally {
    cell.rest();
  }
}

/** No call has this place as long as none is served. */
const IMPORT = 0;

async function importModule(url: string): Promise<Exports> {
  let namespace: Record<string, unknown>;
  try {
    namespace = await import(url);
  } catch (cause) {
    throw new WrappedModuleError(importFailure(url, cause), { cause });
  }
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const whole = namespace.default;
  const isCommonJs =
    createRequire(import.meta.url).cache[path] !== undefined &&
    (typeof whole === 'function' || (typeof whole === 'object' && whole !== null));
  return ([name = '']) => (isCommonJs && !(name in namespace) && name in whole ? whole : namespace);
}

function serve({ port, module }: GraphOpening, cell: Cell, exports: Exports): void {
  const name = basename(fileURLToPath(module));
  const exchange = new Exchange({ port, isLent: isService, perform, exports: { name, of: exports } });
  const callbacks = exchange.borrower(({ id, name: owner }) => ({
    name: owner,
    isCallback: true,
    // What cannot cross is thrown where it was passed.
    ask: (deed, path, args) => {
      const what = describe(deed, path, owner);
      return hear(exchange.send(NO_SLOT, { deed, id, path, args: exchange.pack(args, `The arguments of ${what}`) }));
    },
  }));

  async function hear(asked: Promise<Reply>): Promise<unknown> {
    const reply = await asked;
    if (reply.kind === 'fault') throw fromFault(reply.fault, new Map());
    return reply.kind === 'value' ? exchange.unpack(reply.parcel, callbacks) : undefined;
  }

  function perform(slot: number, request: Request): Reply | Promise<Reply> {
    if (!cell.claim(slot)) return { kind: 'skipped' };
    cell.begin(slot);
    try {
      const result = request.deed === 'close' ? close() : exchange.carryOut(request, callbacks);
      // An async function goes on when others are served.
      return isThenable(result) ? settle(result, slot, request) : answer(result, slot, request);
    } catch (error) {
      return fault(error, slot);
    } finally {
      cell.rest();
    }
  }

  async function settle(result: PromiseLike<unknown>, slot: number, request: Request): Promise<Reply> {
    try {
      return answer(await result, slot, request);
    } catch (error) {
      return fault(error, slot);
    }
  }

  function answer(result: unknown, slot: number, { deed, path }: Request): Reply {
    // Its caller has given up: lent to nobody, it would stay for ever.
    if (!isDone(slot)) return { kind: 'skipped' };
    const root = `The result of ${describe(deed, path, name)}`;
    // Whoever makes an object wants that one, and no copy.
    const isLent = deed === 'new' ? (value: object) => value === result || isService(value) : isService;
    return { kind: 'value', parcel: exchange.pack(result, root, isLent) };
  }

  function fault(error: unknown, slot: number): Reply {
    isDone(slot);
    return { kind: 'fault', fault: withoutFrames(toFault(error)) };
  }

  const isDone = (slot: number) => cell.move(slot, State.running, State.committed);

  function close(): unknown {
    const { close } = exports(['close']) as { close?: unknown };
    return typeof close === 'function' ? close() : undefined;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

const isOurs = frameOf(new URL('./', import.meta.url).href, 'workers/');

/** From where the module was called on, its stack says nothing to its caller. */
function withoutFrames(fault: Fault): Fault {
  if (fault.thrown) return fault;
  const { stack, cause, errors } = fault;
  const lines = stack?.split('\n') ?? [];
  const end = lines.findIndex((line) => isOurs(line) || isCarriedOut(line));
  return {
    ...fault,
    stack: end < 0 ? stack : lines.slice(0, end).join('\n'),
    cause: cause && withoutFrames(cause),
    errors: errors?.map(withoutFrames),
  };
}
