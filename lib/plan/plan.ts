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
export type AnyPlan = UnitPlan | QueryPlan | ListPlan;

/** One reader for a list only if every plan in it is known to read: half a list cannot be handed on. */
export const listPlan = (plans: readonly (UnitPlan | QueryPlan)[]): ListPlan => ({
  kind: 'list',
  plans,
  access: plans.every((plan) => plan.access === 'read') ? 'read' : 'write',
});

/** By what is remembered how long a plan takes: a unit's name, a query's text. */
export const habitOf = (plan: AnyPlan): string =>
  plan.kind === 'unit' ? plan.name : plan.kind === 'query' ? plan.sql : '';

/** How a plan is called in an error. */
export function nameOf(plan: AnyPlan): string {
  switch (plan.kind) {
    case 'unit':
      return `the unit '${plan.name}'`;
    case 'query':
      return `the query ${plan.sql.length > 80 ? `${plan.sql.slice(0, 77)}…` : plan.sql}`;
    case 'list':
      return `the list of ${plan.plans.length} plans`;
    default:
      return plan satisfies never;
  }
}
