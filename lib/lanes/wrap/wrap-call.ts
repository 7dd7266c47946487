import type { Deed, Request } from '../../wire/remote/request.js';
import { joinCallers } from '../stack.js';
import type { WrapSettings } from './wrap-options.js';

/** What is asked of a wrapped module, or of something that came from it. */
export interface Asked {
  readonly deed: Deed;
  readonly id: number;
  readonly path: readonly string[];
  readonly args: readonly unknown[];
  /** Whose it is, in errors. */
  readonly owner: string;
}

/** One call on a wrapped module's thread, from its sending until it is settled, which happens once. */
export interface WrapCall {
  readonly what: string;
  readonly request: Request;
  readonly settings: WrapSettings;
  /** Since when it waits, on the shared clock. */
  readonly arrival: number;
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  /** Tells the caller in the error who that is; the reason of an abort is its own, and told as it is. */
  readonly reject: (error: unknown) => void;
  /** Its place in the cell; none while all of them are taken. */
  slot: number | undefined;
  isSettled: boolean;
}

export function newWrapCall(what: string, request: Request, settings: WrapSettings, arrival: number): WrapCall {
  let resolve!: (value: unknown) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<unknown>((onResult, onFailure) => {
    resolve = onResult;
    reject = onFailure;
  });
  return {
    what,
    request,
    settings,
    arrival,
    promise,
    resolve,
    reject: (error) => {
      const { signal } = settings;
      if (signal?.aborted && signal.reason === error) reject(error);
      else joinCallers(promise, error, reject);
    },
    slot: undefined,
    isSettled: false,
  };
}
