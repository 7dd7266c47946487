import type { Connection, Log } from '../lib/connection/connection.js';
import { DatabaseError, ReadOnlyError, showSql, TransactionLostError } from '../lib/errors.js';
import { Session } from '../lib/orm/session.js';
import { refusePromise } from '../lib/orm/sync.js';
import { accessOf } from '../lib/orm/unit.js';
import type { Answer } from '../lib/wire/answer.js';
import { frameOf } from '../lib/wire/frame.js';
import type { UnitEntry } from '../lib/wire/message.js';
import { toPortable } from '../lib/wire/portable.js';
import type { Company } from './company.js';

/** A user's function. */
type Work = (session: Session, ...args: readonly unknown[]) => unknown;

/** A user's function as it is called: in the transaction that is open. */
export interface RegisteredUnit extends UnitEntry {
  readonly run: (connection: Connection, args: readonly unknown[], company: Company, log: Log | undefined) => Answer;
  /** A session for it while `use` lasts, whose errors are told as the unit's. */
  readonly inSession: <R>(
    connection: Connection,
    company: Company,
    log: Log | undefined,
    use: (session: Session, work: Work) => R,
  ) => R;
}

/** A unit as it is known by name. */
export function registeredUnit(name: string, work: Work): RegisteredUnit {
  const what = `The unit '${name}'`;
  const access = accessOf(work);
  const inSession: RegisteredUnit['inSession'] = (connection, company, log, use) => {
    const mayWrite = company.access === 'write' && access === 'write';
    const session = new Session(connection, {
      name: what,
      access: mayWrite ? 'write' : 'read',
      beforeWrite: () => {},
      beforeRaw: company.beforeRaw,
      log,
    });
    try {
      return use(session, work);
    } catch (error) {
      throw explain(trimStack(connection.toError(error)), what, mayWrite);
    } finally {
      session.end();
    }
  };
  const run: RegisteredUnit['run'] = (connection, args, company, log) =>
    inSession(connection, company, log, (session) => {
      const result = work(session, ...args);
      refusePromise(result, what);
      session.finish();
      return { kind: 'value', value: toPortable(result, `The result of '${name}'`, 'detach') };
    });
  return { name, access, isGenerator: isGenerator(work), run, inSession };
}
const isGenerator = (value: object): boolean => Object.prototype.toString.call(value) === '[object GeneratorFunction]';

/** The frames below the unit's are ours, and say nothing to its author. */
function trimStack(error: unknown): unknown {
  if (error instanceof Error && typeof error.stack === 'string') {
    const frames = error.stack.split('\n');
    const own = frames.findIndex(isOurs);
    if (own > 0) Reflect.set(error, 'stack', frames.slice(0, own).join('\n'));
  }
  return error;
}

const isOurs = frameOf(new URL('.', import.meta.url).href, 'workers/');

/** What only the place of an error can tell. */
function explain(error: unknown, what: string, mayWrite: boolean): unknown {
  // Told by the connection, which knows no unit.
  if (error instanceof TransactionLostError && error.what === 'The unit')
    return new TransactionLostError({ what }, { cause: error, outcome: error.outcome });
  if (!mayWrite && error instanceof DatabaseError && error.kind === 'read-only') {
    return new ReadOnlyError(
      { what, wrote: error.sql === undefined ? 'on the raw connection' : showSql(error.sql) },
      { cause: error },
    );
  }
  return error;
}
