import { OffthreadError } from 'offthread';
import { Refused } from './guests.js';

/** What a client is told of an error: of its own mistakes all, of ours nothing. */
export function failureOf(error: unknown): { readonly status: number; readonly error: string } {
  if (error instanceof Refused) return { status: 400, error: error.message };
  if (error instanceof OffthreadError && error.retryable) return { status: 503, error: 'try again soon' };
  // The framework's own, such as a body that is no JSON; and of a client that has left nobody reads the answer.
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return { status, error: status < 500 ? (error as Error).message : 'this did not work' };
}
