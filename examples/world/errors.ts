/** Thrown by a unit on its thread; `createPool({ errors })` brings it to the caller as itself. */
export class NotFound extends Error {
  override name = 'NotFound';
}

export class Duplicate extends Error {
  override name = 'Duplicate';
}
