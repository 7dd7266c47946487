import {
  DatabaseError,
  GeneratorUnitError,
  ReadOnlyError,
  showSql,
  TransactionLostError,
  UnknownUnitError,
} from '../lib/errors.js';
import { Session } from '../lib/orm/session.js';
import { refusePromise } from '../lib/orm/sync.js';
import { nearest } from '../lib/plan/nearest.js';
import type { AnyPlan, ListPlan, QueryPlan, UnitPlan } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import { toPortable } from '../lib/wire/portable.js';
import type { Lane } from './lane.js';

/** In which company a plan runs. */
export interface Company {
  readonly access: 'read' | 'write';
  /** Called before a unit gets the raw connection, with which it could end the transaction of its neighbours. */
  readonly beforeRaw: () => void;
}

/** Runs a plan in the transaction that is open, and answers with data that can cross; throws what the plan throws. */
export function execute(lane: Lane, plan: AnyPlan, company: Company): Answer {
  switch (plan.kind) {
    case 'unit':
      return executeUnit(lane, plan, company);
    case 'query':
      return executeQuery(lane, plan);
    case 'list':
      return executeList(lane, plan, company);
    default:
      return plan satisfies never;
  }
}

function executeList(lane: Lane, { plans }: ListPlan, company: Company): Answer {
  const answers: Answer[] = [];
  for (const plan of plans) {
    const answer = execute(lane, plan, company);
    // One that writes after all: the whole list belongs to the writer, and so far it has only read.
    if (answer.kind === 'handed-on') return answer;
    answers.push(answer);
  }
  return { kind: 'list', answers };
}

function executeUnit(lane: Lane, { name, args }: UnitPlan, { access, beforeRaw }: Company): Answer {
  const unit = lane.units.get(name);
  if (unit === undefined)
    throw new UnknownUnitError({ unit: name, nearest: nearest(name, lane.units.keys()), known: lane.units.size });
  if (unit.isGenerator) throw new GeneratorUnitError({ unit: name });
  const what = `The unit '${name}'`;
  const mayWrite = access === 'write' && unit.access === 'write';
  const session = new Session(lane.connection, {
    name: what,
    access: mayWrite ? 'write' : 'read',
    beforeWrite: () => {},
    beforeRaw,
  });
  try {
    const { work } = unit;
    const result = work(session, ...args);
    refusePromise(result, what);
    session.finish();
    return { kind: 'value', value: toPortable(result, `The result of '${name}'`, 'detach') };
  } catch (error) {
    throw explain(trimStack(lane.connection.toError(error)), what, mayWrite);
  } finally {
    session.end();
  }
}

/** The frames below the unit's are ours, and say nothing to its author. */
function trimStack(error: unknown): unknown {
  if (error instanceof Error && typeof error.stack === 'string') {
    const frames = error.stack.split('\n');
    const own = frames.findIndex((frame) => frame.includes(import.meta.url));
    if (own > 0) setStack(error, frames.slice(0, own).join('\n'));
  }
  return error;
}

/** A frozen error keeps the one that it has. */
const setStack = (error: Error, stack: string): boolean => Reflect.set(error, 'stack', stack);

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

function executeQuery(lane: Lane, plan: QueryPlan): Answer {
  try {
    return answerQuery(lane, plan);
  } catch (error) {
    if (error instanceof Error) setStack(error, `${error.name}: ${error.message}`);
    throw error;
  }
}

function answerQuery(lane: Lane, plan: QueryPlan): Answer {
  const statement = lane.connection.prepare(plan.sql);
  if (lane.role === 'reader' && !statement.isReadonly) return { kind: 'handed-on' };
  try {
    if (!statement.returnsRows) return { kind: 'changes', changes: statement.run(plan.parameters) };
    const rows = statement.all(plan.parameters);
    return { kind: 'rows', rows: { columns: statement.columns, rows } };
  } catch (error) {
    // A checkpoint says of its own transaction that the table is locked.
    if (error instanceof DatabaseError && /(within|inside) a transaction|table is locked/.test(error.message)) {
      const { code, kind, sql } = error;
      throw new DatabaseError(
        `${error.message}\n  Run it outside of one: pass the call option { transaction: false }.`,
        { code, kind, sql },
        { cause: error },
      );
    }
    throw error;
  }
}

/** Whether a plan belongs among the writes of this lane. */
export function writes(lane: Lane, plan: AnyPlan): boolean {
  switch (plan.kind) {
    case 'unit':
      return lane.units.get(plan.name)?.access !== 'read';
    case 'query':
      try {
        return !lane.connection.reads(plan.sql);
      } catch {
        // It will say so again where its error can be answered.
        return false;
      }
    case 'list':
      return plan.plans.some((each) => writes(lane, each));
    default:
      return plan satisfies never;
  }
}
