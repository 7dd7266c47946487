import { ResultAnswer } from './answer.js';
import { NO_COLUMNS } from './column.js';
import { connect, type Target } from './connect.js';
import type { Server } from './server.js';

/** How long all of it may take: the caller who gave up waits for it. Milliseconds. */
const BOUND = 1_000;

/**
 * Stops what our session is at, or ends it, by a connection of its own; whether the server has said that it is done.
 * On no other server: behind an address there may be several, and our number is somebody else's there.
 */
export function kill(target: Target, { identity, connectionId }: Server, what: 'query' | 'connection'): boolean {
  const until = performance.now() + BOUND;
  try {
    const { conversation, server } = connect(target, BOUND);
    try {
      if (server.identity !== identity) return false;
      conversation.pause = () => {
        if (performance.now() >= until) throw new Error('the server did not answer in time');
      };
      conversation.requests.query(`kill ${what} ${connectionId}`);
      const answer = conversation.expect(new ResultAnswer(NO_COLUMNS, true));
      conversation.send();
      conversation.settle();
      conversation.requests.quit();
      conversation.send();
      return answer.error === undefined;
    } finally {
      conversation.close();
    }
  } catch {
    return false;
  }
}
