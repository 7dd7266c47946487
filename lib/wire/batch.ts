import type { AnyPlan, QueryPlan, UnitPlan } from '../plan/plan.js';
import type { BatchMessage } from './message.js';
import { fromPortable, type Mended } from './portable.js';

const UNIT = 0;
const QUERY = 1;
const LIST = 2;
const MAX_TEXTS = 1000;

/** In the place of the number of retries: alone, outside of a transaction, never again. */
export const NO_TRANSACTION = -1;

/** A plan as the worker gets it. */
export interface SentPlan {
  readonly slot: number;
  /** How often it may run again, or NO_TRANSACTION. */
  readonly retries: number;
  readonly plan: AnyPlan;
}

/** Packs plans for one lane: flat, and each SQL text only once. Runs on the caller's thread. */
export class BatchWriter {
  #numbers = new Map<string, number>();
  #firstText = 0;
  #texts: string[] = [];
  #plans: unknown[] = [];

  add({ slot, retries, plan }: SentPlan): void {
    this.#plans.push(slot, retries);
    this.#addPlan(plan);
  }

  #addPlan(plan: AnyPlan): void {
    switch (plan.kind) {
      case 'unit':
        this.#plans.push(UNIT, plan.name, plan.args, plan.mended);
        break;
      case 'query':
        this.#plans.push(QUERY, this.#numberOf(plan.sql), plan.parameters.length);
        for (const parameter of plan.parameters) this.#plans.push(parameter);
        break;
      case 'list':
        this.#plans.push(LIST, plan.plans.length);
        for (const each of plan.plans) this.#addPlan(each);
        break;
      default:
        plan satisfies never;
    }
  }

  #numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.#texts.push(text);
    }
    return number;
  }

  /** The message for what was added. Between two messages the lane may be told to forget, never within one. */
  take(): BatchMessage {
    const message: BatchMessage = { kind: 'batch', firstText: this.#firstText, texts: this.#texts, plans: this.#plans };
    if (this.#numbers.size > MAX_TEXTS) this.#numbers = new Map();
    this.#firstText = this.#numbers.size;
    this.#texts = [];
    this.#plans = [];
    return message;
  }
}

/** Unpacks them again. Runs on the worker thread. */
export class BatchReader {
  readonly #texts: string[] = [];

  read(message: BatchMessage): SentPlan[] {
    this.#texts.length = message.firstText;
    this.#texts.push(...message.texts);
    const cursor = new Cursor(message.plans);
    const plans: SentPlan[] = [];
    while (!cursor.done)
      plans.push({ slot: cursor.next() as number, retries: cursor.next() as number, plan: this.#plan(cursor) });
    return plans;
  }

  #plan(cursor: Cursor): AnyPlan {
    const kind = cursor.next();
    if (kind === QUERY) {
      const sql = this.#texts[cursor.next() as number] as string;
      return { kind: 'query', sql, parameters: cursor.take(cursor.next() as number), access: 'unknown' };
    }
    if (kind === UNIT) {
      const name = cursor.next() as string;
      const args = cursor.next();
      const mended = cursor.next() as readonly Mended[] | undefined;
      return {
        kind: 'unit',
        name,
        args: fromPortable(args, mended) as unknown[],
        mended: undefined,
        access: 'unknown',
      };
    }
    const plans = Array.from({ length: cursor.next() as number }, () => this.#plan(cursor) as UnitPlan | QueryPlan);
    return { kind: 'list', plans, access: 'unknown' };
  }
}

/** Reads a flat array from its start to its end. */
export class Cursor {
  readonly #items: readonly unknown[];
  #at = 0;

  constructor(items: readonly unknown[]) {
    this.#items = items;
  }
  get done(): boolean {
    return this.#at >= this.#items.length;
  }
  next(): unknown {
    return this.#items[this.#at++];
  }
  take(count: number): readonly unknown[] {
    return this.#items.slice(this.#at, (this.#at += count));
  }
}
