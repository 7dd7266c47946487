/** Whether the work may have been committed although the call was rejected. */
export type Outcome = 'not-committed' | 'unknown';

/**
 * The base of what this library throws, options and column values aside: those are a `TypeError` or a `RangeError`
 * with a `code` of the same form.
 */
export class OffthreadError extends Error {
  /** `OFFTHREAD_…`; the driver's own code on a `DatabaseError`. */
  readonly code: string;
  /** Rejected means not committed, unless this is `'unknown'`. */
  readonly outcome: Outcome;
  /** Whether the same call may succeed when it is made again. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: ErrorOptions & { outcome?: Outcome; retryable?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.outcome = options.outcome ?? 'not-committed';
    this.retryable = options.retryable ?? false;
  }
}

interface Entry<Detail> {
  readonly code: `OFFTHREAD_${string}`;
  readonly sentence: (detail: Detail) => string;
  readonly hint: string | ((detail: Detail) => string);
  readonly retryable?: true;
}

/** An error class from its row in the table. What a sentence names is on the error too, as a field of its own. */
export function define<Detail extends object>(name: string, entry: Entry<Detail>) {
  const Defined = class extends OffthreadError {
    constructor(detail: Detail, options: ErrorOptions & { outcome?: Outcome } = {}) {
      const hint = typeof entry.hint === 'string' ? entry.hint : entry.hint(detail);
      super(entry.code, `${entry.sentence(detail)} ${hint}`.trimEnd(), {
        ...options,
        retryable: entry.retryable ?? false,
      });
      Object.assign(this, detail);
    }
  };
  Object.defineProperty(Defined, 'name', { value: name });
  Object.defineProperty(Defined.prototype, 'name', { value: name, configurable: true, writable: true });
  return Defined as unknown as {
    new (detail: Detail, options?: ErrorOptions & { outcome?: Outcome }): OffthreadError & Readonly<Detail>;
    readonly prototype: OffthreadError & Readonly<Detail>;
  };
}
OffthreadError.prototype.name = 'OffthreadError';
