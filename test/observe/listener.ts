import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/** What was published on a tracing channel, as `[event, context]`, from now until it is stopped. */
export class Listener<C extends object> {
  readonly heard: [event: string, context: C][] = [];
  readonly #channel: TracingChannel<unknown, C>;
  readonly #handlers = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => [
      event,
      (context: C) => this.heard.push([event, context]),
    ]),
  ) as unknown as Parameters<TracingChannel<unknown, C>['subscribe']>[0];

  constructor(name: 'offthread:call' | 'offthread:query' | 'offthread:lane') {
    this.#channel = tracingChannel(name);
    this.#channel.subscribe(this.#handlers);
  }

  get events(): string[] {
    return this.heard.map(([event]) => event);
  }
  /** The contexts of one event. */
  of(event: string): C[] {
    return this.heard.filter(([each]) => each === event).map(([, context]) => context);
  }
  [Symbol.dispose](): void {
    this.#channel.unsubscribe(this.#handlers);
  }
}
