/** Calls by the signals that can abort them: one listener a signal, however many calls it serves, and none once they are settled. */
export class Signals<Call extends object> {
  readonly #abort: (call: Call, reason: unknown) => void;
  readonly #listening = new WeakMap<AbortSignal, { readonly calls: Set<Call>; readonly listener: () => void }>();

  constructor(abort: (call: Call, reason: unknown) => void) {
    this.#abort = abort;
  }

  add(signal: AbortSignal, call: Call): void {
    let entry = this.#listening.get(signal);
    if (entry === undefined) {
      const calls = new Set<Call>();
      const listener = () => {
        for (const each of [...calls]) this.#abort(each, signal.reason);
      };
      entry = { calls, listener };
      this.#listening.set(signal, entry);
      signal.addEventListener('abort', listener, { once: true });
    }
    entry.calls.add(call);
  }

  delete(signal: AbortSignal, call: Call): void {
    const entry = this.#listening.get(signal);
    if (entry === undefined || !entry.calls.delete(call) || entry.calls.size > 0) return;
    signal.removeEventListener('abort', entry.listener);
    this.#listening.delete(signal);
  }
}
