import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';

/** Marks a function, or an object with methods, to be called where it is instead of being copied; answers the same one. */
export const mark = <T extends object>(value: T): T => Comlink.proxy(value);
export const isMarked = (value: object): boolean => (value as Record<symbol, unknown>)[Comlink.proxyMarker] === true;

/**
 * Lets each side of a port call the methods of the other's one server; their answers come as promises. One port for all
 * objects, since messages of several would not be read in the order in which they were sent.
 */
export function connect<Theirs extends object>(port: MessagePort, ours: object): Comlink.Remote<Theirs> {
  // Node's ports are event targets too, as those of a browser are.
  const endpoint = port as unknown as Comlink.Endpoint;
  Comlink.expose(ours, endpoint);
  return Comlink.wrap<Theirs>(endpoint);
}
