import { ResultAnswer } from './answer.js';
import { NO_COLUMNS } from './column.js';
import type { Conversation } from './conversation.js';
import { toDatabaseError } from './mysql-error.js';

/** The server at the other end, and our session there. */
export interface Server {
  /** As it says it: `10.11.6-MariaDB-…`, `8.4.0`. */
  readonly version: string;
  readonly isMariaDb: boolean;
  /** Which server it is, so that nothing is killed on another that happens to have the same number. */
  readonly identity: string;
  /** Our number on it. */
  readonly connectionId: number;
  /** The longest request that it takes. */
  readonly maxPacket: number;
  /** The step between two generated keys. */
  readonly keyStep: number;
}

// What the server has in `sql_mode` stays, with strictness added: without, it changes values that do not fit. A key that is
// given as 0 is 0, and no word for "make one".
const VARIABLES = `set names utf8mb4, time_zone = '+00:00', sql_mode = concat_ws(',', nullif(@@sql_mode, ''), 'STRICT_TRANS_TABLES', 'NO_AUTO_VALUE_ON_ZERO')`;
const IDENTITY = `select concat_ws('/', @@hostname, @@port, @@server_id), connection_id(), @@max_allowed_packet, @@auto_increment_increment`;

/** Writes the requests that make a session ours, and returns what they will have told. */
export function introduce(conversation: Conversation, version: string): () => Server {
  const { requests } = conversation;
  requests.query(VARIABLES);
  const set = conversation.expect(new ResultAnswer(NO_COLUMNS, true));
  requests.query(IDENTITY);
  const told = conversation.expect(new ResultAnswer(NO_COLUMNS, true));
  return () => {
    const error = set.error ?? told.error;
    if (error !== undefined) throw toDatabaseError(error, undefined);
    const [identity, connectionId, maxPacket, keyStep] = told.rows[0] as [string, number, number, number];
    // MariaDB pretends to be an old MySQL to clients that know no two digits.
    return {
      version: version.replace(/^5\.5\.5-/, ''),
      isMariaDb: /mariadb/i.test(version),
      identity,
      connectionId,
      maxPacket,
      keyStep,
    };
  };
}
