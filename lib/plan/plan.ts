import { LeaseEndedError } from '../errors.js';

/** Where a plan may run: `'unknown'` starts on a reader, which hands it on unexecuted if it is not readonly. */
export type Access = 'read' | 'write' | 'unknown';

/** A call of a unit, as data. Its arguments are copies, taken when the plan was made. */
export interface UnitPlan {
  readonly kind: 'unit';
  readonly name: string;
  readonly args: readonly unknown[];
  /** What of them has to be mended behind structured clone; see the wire. */
  readonly mended: readonly (Uint8Array | readonly [error: Error, fields: object])[] | undefined;
  readonly access: Access;
}
/** A query, as data. */
export interface QueryPlan {
  readonly kind: 'query';
  readonly sql: string;
  /** An array that nobody else holds. */
  readonly parameters: readonly unknown[];
  readonly access: Access;
}
/** Plans that share one transaction. */
export interface ListPlan {
  readonly kind: 'list';
  readonly plans: readonly (UnitPlan | QueryPlan)[];
  readonly access: Access;
}
/** What runs in a transaction, or as one. */
export type AnyPlan = UnitPlan | QueryPlan | ListPlan;

/** A lane with a transaction for one caller, until he commits it or rolls it back. Limits in milliseconds, or Infinity. */
export interface LeasePlan {
  readonly kind: 'lease';
  readonly access: 'read' | 'write';
  /** How long nothing may be asked of it. */
  readonly idleTimeout: number;
  /** How long it may take from its begin to its end. */
  readonly totalTimeout: number;
}
/** Told by its lane, and by the caller's thread where the lane hangs. */
export const heldTooLong = ({ totalTimeout }: LeasePlan): Error =>
  new LeaseEndedError({
    reason: 'total',
    why: `it was held for totalTimeout = ${totalTimeout} ms, so it was rolled back`,
  });
/** The rows of a query, or what a generator unit yields, as it is taken. */
export interface StreamPlan {
  readonly kind: 'stream';
  readonly source: UnitPlan | QueryPlan;
  /** How long its consumer may take nothing. Milliseconds, or Infinity. */
  readonly idleTimeout: number;
  readonly access: 'read';
}
/** Plans that hold a lane: it serves nobody else until they are answered. */
type HoldPlan = LeasePlan | StreamPlan;
/** What the holder of a lease does with its transaction. */
export interface ControlPlan {
  readonly kind: 'control';
  readonly action:
    | 'commit'
    | 'rollback'
    // As SQL has it: the lane stays held, with another transaction.
    | 'commit and chain'
    | 'rollback and chain'
    | 'savepoint'
    | 'release'
    | 'rollback to savepoint';
  readonly access: 'write';
}
/** Whatever a call may be about. */
export type CallPlan = AnyPlan | HoldPlan | ControlPlan;

/** One reader for a list only if every plan in it is known to read: half a list cannot be handed on. */
export const listPlan = (plans: readonly (UnitPlan | QueryPlan)[]): ListPlan => ({
  kind: 'list',
  plans,
  access: plans.every((plan) => plan.access === 'read') ? 'read' : 'write',
});

/** By what is remembered how long a plan takes: a unit's name, a query's text. */
export const habitOf = (plan: AnyPlan): string =>
  plan.kind === 'unit' ? plan.name : plan.kind === 'query' ? plan.sql : '';

/** How a plan is called in an error, at the start of its sentence. */
export function subjectOf(plan: CallPlan): string {
  const name = nameOf(plan);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
/** The same within a sentence. */
export function nameOf(plan: CallPlan): string {
  switch (plan.kind) {
    case 'unit':
      return `the unit '${plan.name}'`;
    case 'query':
      return `the query ${plan.sql.length > 80 ? `${plan.sql.slice(0, 77)}…` : plan.sql}`;
    case 'list':
      return `the list of ${plan.plans.length} plans`;
    case 'lease':
      return 'the lease';
    case 'control':
      return `the ${plan.action} of the lease`;
    case 'stream':
      return `the stream of ${nameOf(plan.source)}`;
    default:
      return plan satisfies never;
  }
}
