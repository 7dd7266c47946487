import type { ServerResponse } from 'node:http';
import { ClientGoneError } from 'offthread';

/** Aborted when the client leaves before its answer is complete: what it was waiting for is stopped, and rolled back. */
export function clientOf(response: ServerResponse): AbortSignal {
  const client = new AbortController();
  // Of the response: the request is closed as soon as its body has been read.
  response.once('close', () => {
    if (!response.writableEnded) client.abort(new ClientGoneError({ statusCode: 499 }));
  });
  return client.signal;
}
