/** Errors of a program. Those in `errors` of createPool come back as themselves. */
export class Duplicate extends Error {
  override name = 'Duplicate';
  readonly code = 'DUPLICATE';
  readonly key: { id: number; at: Date };
  readonly photo = Buffer.from('bytes');
  #private = 1;

  constructor(message: string, key: { id: number; at: Date }, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
  get status(): number {
    return 408 + this.#private;
  }
  describe(): string {
    return `${this.message} (${this.key.id})`;
  }
}

/** Has another name than its class, as `http-errors` and others do. */
export class NotFound extends TypeError {
  status = 404;
}
NotFound.prototype.name = 'NotFoundError';

/** Not registered. */
export class Unknown extends RangeError {
  override name = 'Unknown';
  detail = 'of a class that the caller does not have';
}
