import type { Statement } from '../lib/connection/connection.js';
import { DatabaseError, GeneratorUnitError, UnknownUnitError } from '../lib/errors.js';
import { nearest } from '../lib/plan/nearest.js';
import type { AnyPlan, ListPlan, QueryPlan, UnitPlan } from '../lib/plan/plan.js';
import type { Answer, RawTable } from '../lib/wire/answer.js';
import type { Company } from './company.js';
import type { Lane } from './lane.js';
import type { RegisteredUnit } from './unit.js';

/** Runs a plan in the transaction that is open, and answers with data that can cross; throws what the plan throws. */
export function execute(lane: Lane, plan: AnyPlan, company: Company): Answer {
  switch (plan.kind) {
    case 'unit':
      return executeUnit(lane, plan, company);
    case 'query':
      return executeQuery(lane, plan, company);
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

function executeUnit(lane: Lane, { name, args }: UnitPlan, company: Company): Answer {
  const unit = findUnit(lane, name);
  if (unit.isGenerator) throw new GeneratorUnitError({ unit: name });
  return unit.run(lane.connection, args, company, lane.focus.log);
}

export function findUnit({ units }: Lane, name: string): RegisteredUnit {
  const unit = units.get(name);
  if (unit === undefined)
    throw new UnknownUnitError({ unit: name, nearest: nearest(name, units.keys()), known: units.size });
  return unit;
}

function executeQuery(lane: Lane, plan: QueryPlan, company: Company): Answer {
  try {
    return answerQuery(lane, plan, company);
  } catch (error) {
    // A frozen error keeps the one that it has.
    if (error instanceof Error) Reflect.set(error, 'stack', `${error.name}: ${error.message}`);
    throw error;
  }
}

function answerQuery(lane: Lane, plan: QueryPlan, { onPart }: Company): Answer {
  const statement = lane.connection.prepare(plan.sql);
  if (lane.role === 'reader' && !statement.isReadonly) return { kind: 'handed-on' };
  try {
    // Whoever writes down what a query took wants to know it of the whole.
    const crossesInParts = statement.returnsRows && lane.focus.log === undefined;
    if (onPart !== undefined && crossesInParts && statement.read !== undefined)
      return answerInParts(statement, statement.read(plan.parameters, onPart), onPart);
    const answered = statement.execute(plan.parameters);
    return Array.isArray(answered)
      ? { kind: 'rows', rows: { columns: statement.columns, rows: answered } }
      : { kind: 'changes', changes: answered };
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

/** The last part is the answer: most answers have no other. */
function answerInParts({ columns }: Statement, rest: readonly RawTable[], onPart: (part: RawTable) => void): Answer {
  const last = rest.at(-1);
  for (const part of rest.slice(0, -1)) onPart(part);
  return last === undefined ? { kind: 'rows', rows: { columns, rows: [] } } : { kind: 'table', table: last };
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
