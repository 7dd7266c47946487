import { OffthreadError } from 'offthread';
import { Duplicate, NotFound } from '../world/errors.js';

export class BadInput extends Error {
  override name = 'BadInput';
}

/** The reason with which a unit is cancelled when nobody waits for its answer any more. */
export class ClientGone extends Error {
  override name = 'ClientGone';
}

export function statusOf(error: unknown): number {
  if (error instanceof BadInput) return 400;
  if (error instanceof NotFound) return 404;
  if (error instanceof Duplicate) return 409;
  if (error instanceof ClientGone) return 499;
  if (error instanceof OffthreadError && error.retryable) return 503; // too busy just now
  // Fastify's own, such as a body that is no JSON
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 500;
}

/** What the client is told: of its own mistakes all, of ours nothing. */
export function sentenceOf(error: unknown, status: number): string {
  if (status === 503) return 'there is too much to do just now; try again soon';
  return error instanceof Error && status < 500 ? error.message : 'this did not work; the log says why';
}
