import type { Changes } from '../plan/changes.js';
import type { Fault } from './fault.js';
import type { IntegerColumn } from './integer-column.js';
import type { Portable } from './portable.js';
import type { TextColumn } from './text-column.js';

/** What the next items of an answers message are. */
export const Code = {
  value: 0,
  /** Rows of one statement, for one or more plans. */
  table: 1,
  changes: 2,
  list: 3,
  fault: 4,
  handedOn: 5,
  skipped: 6,
  /** A part of a long array inside of a value that follows. */
  elements: 7,
  /** Rows of a stream, of which there may be more. */
  chunk: 8,
  /** The same, of what a generator yielded. */
  yields: 9,
  /** As `changes`, of an UPDATE that says how many of the rows it has changed. */
  updates: 10,
} as const;

/** In the place of a slot, for the answers within a list. */
export const INSIDE = -1;

/** Rows as the driver has them, with the names of their columns. */
export interface RawRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The same by column, as many cells in each as there are rows; no more of them than fit into a message. */
export interface RawTable {
  readonly columns: readonly string[];
  readonly cells: (unknown[] | TextColumn | IntegerColumn)[];
  readonly count: number;
  readonly weight: number;
}

/** What became of a plan, on the worker's side. */
export type Answer =
  | { readonly kind: 'value'; readonly value: Portable }
  | { readonly kind: 'rows'; readonly rows: RawRows }
  | { readonly kind: 'table'; readonly table: RawTable }
  | { readonly kind: 'changes'; readonly changes: Changes }
  | { readonly kind: 'list'; readonly answers: readonly Answer[] }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Not executed: it is no read, and belongs to the writer. */
  | { readonly kind: 'handed-on' }
  /** Not executed, or undone: the caller had given up, or taken it back. */
  | { readonly kind: 'skipped' };

/** What a caller is told: a value, a reason, or nothing where the plan was not executed. */
export type Outcome = 'fulfilled' | 'rejected' | 'handed-on' | 'skipped';
/** A part of a stream has come. */
export type OnChunk = (slot: number, rows: unknown[]) => void;
export type OnAnswer = (slot: number, outcome: Outcome, told: unknown) => void;
