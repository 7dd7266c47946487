import type { Isolation } from '../plan/isolation.js';
import type { AnyPlan, CallPlan, ControlPlan, LeasePlan, ListPlan, QueryPlan, UnitPlan } from '../plan/plan.js';
import type { BatchMessage } from './message.js';
import { fromPortable, type Mended } from './portable.js';
import type { Wish } from './record.js';

const UNIT = 0;
const QUERIES = 1;
const LIST = 2;
const QUERY = 3;
/** From here on plans want this isolation level. */
const ISOLATION = 4;
const LEASE = 5;
const CONTROL = 6;
const STREAM = 7;
/** From here on this is to be written down of plans. */
const WISH = 8;
const MAX_TEXTS = 1000;

/** In the place of the number of retries: alone, outside of a transaction, never again. */
export const NO_TRANSACTION = -1;

/** A plan as the worker gets it. */
export interface SentPlan<Plan extends CallPlan = AnyPlan> {
  readonly slot: number;
  /** How often it may run again, or NO_TRANSACTION. */
  readonly retries: number;
  /** Undefined is what the database does by itself. */
  readonly isolation: Isolation | undefined;
  readonly wish: Wish | undefined;
  readonly plan: Plan;
}

/** Queries of one text in slots one after another: their parameters go by column. */
interface Run {
  readonly sql: string;
  readonly retries: number;
  readonly first: number;
  count: number;
  readonly parameters: unknown[][];
}

/** Packs plans for one lane: queries of one text together, and each SQL text only once. Runs on the caller's thread. */
export class BatchWriter {
  #numbers = new Map<string, number>();
  #firstText = 0;
  #texts: string[] = [];
  #plans: unknown[] = [];
  #run: Run | undefined;
  #isolation: Isolation | undefined;
  #wish: Wish | undefined;

  add(slot: number, retries: number, plan: CallPlan, isolation?: Isolation, wish?: Wish): void {
    if (isolation !== this.#isolation) this.#setIsolation(isolation);
    if (wish !== this.#wish) this.#setWish(wish);
    if (plan.kind === 'query') return this.#addQuery(slot, retries, plan);
    this.#closeRun();
    switch (plan.kind) {
      case 'unit':
        this.#plans.push(UNIT, slot, retries, plan.name, plan.args, plan.mended);
        break;
      case 'list':
        this.#plans.push(LIST, slot, retries);
        this.#addList(plan);
        break;
      case 'lease':
        this.#plans.push(LEASE, slot, retries, plan.access, plan.idleTimeout, plan.totalTimeout);
        break;
      case 'control':
        this.#plans.push(CONTROL, slot, retries, plan.action);
        break;
      case 'stream':
        this.#plans.push(STREAM, slot, retries, plan.idleTimeout);
        this.#addInner(plan.source);
        break;
      default:
        plan satisfies never;
    }
  }

  #setIsolation(isolation: Isolation | undefined): void {
    this.#closeRun();
    this.#plans.push(ISOLATION, isolation);
    this.#isolation = isolation;
  }

  #setWish(wish: Wish | undefined): void {
    this.#closeRun();
    this.#plans.push(WISH, wish);
    this.#wish = wish;
  }

  #addQuery(slot: number, retries: number, { sql, parameters }: QueryPlan): void {
    let run = this.#run;
    const continues = run?.sql === sql && run.retries === retries && run.first + run.count === slot;
    if (run === undefined || !continues || run.parameters.length !== parameters.length) {
      this.#closeRun();
      this.#run = run = { sql, retries, first: slot, count: 0, parameters: parameters.map(() => []) };
    }
    run.count++;
    for (let i = 0; i < parameters.length; i++) (run.parameters[i] as unknown[]).push(parameters[i]);
  }

  #closeRun(): void {
    if (this.#run === undefined) return;
    const { sql, retries, first, count, parameters } = this.#run;
    this.#plans.push(QUERIES, retries, this.#numberOf(sql), first, count, parameters);
    this.#run = undefined;
  }

  #addList({ plans }: ListPlan): void {
    this.#plans.push(plans.length);
    for (const plan of plans) this.#addInner(plan);
  }

  /** One without a slot of its own. */
  #addInner(plan: UnitPlan | QueryPlan): void {
    if (plan.kind === 'unit') this.#plans.push(UNIT, plan.name, plan.args, plan.mended);
    else this.#plans.push(QUERY, this.#numberOf(plan.sql), plan.parameters);
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
    this.#closeRun();
    const message: BatchMessage = { kind: 'batch', firstText: this.#firstText, texts: this.#texts, plans: this.#plans };
    if (this.#numbers.size > MAX_TEXTS) this.#numbers = new Map();
    this.#firstText = this.#numbers.size;
    this.#texts = [];
    this.#plans = [];
    this.#isolation = undefined;
    this.#wish = undefined;
    return message;
  }
}

/** Unpacks them again. Runs on the worker thread. */
export class BatchReader {
  readonly #texts: string[] = [];
  #items: readonly unknown[] = [];
  #at = 0;
  #isolation: Isolation | undefined;
  #wish: Wish | undefined;

  read(message: BatchMessage): SentPlan<CallPlan>[] {
    this.#texts.length = message.firstText;
    this.#texts.push(...message.texts);
    this.#items = message.plans;
    this.#at = 0;
    this.#isolation = undefined;
    this.#wish = undefined;
    const plans: SentPlan<CallPlan>[] = [];
    while (this.#at < this.#items.length) {
      const kind = this.#next();
      if (kind === QUERIES) this.#queries(plans);
      else if (kind === ISOLATION) this.#isolation = this.#next() as Isolation | undefined;
      else if (kind === WISH) this.#wish = this.#next() as Wish | undefined;
      else {
        const slot = this.#next() as number;
        const retries = this.#next() as number;
        plans.push(this.#sent(slot, retries, this.#plan(kind)));
      }
    }
    return plans;
  }

  #next(): unknown {
    return this.#items[this.#at++];
  }
  #sent<Plan extends CallPlan>(slot: number, retries: number, plan: Plan): SentPlan<Plan> {
    return { slot, retries, isolation: this.#isolation, wish: this.#wish, plan };
  }

  #queries(plans: SentPlan<CallPlan>[]): void {
    const retries = this.#next() as number;
    const sql = this.#texts[this.#next() as number] as string;
    const first = this.#next() as number;
    const count = this.#next() as number;
    const columns = this.#next() as readonly unknown[][];
    for (let i = 0; i < count; i++) {
      const parameters: unknown[] = [];
      for (const column of columns) parameters.push(column[i]);
      const plan = { kind: 'query', sql, parameters, access: 'unknown' } as const;
      plans.push(this.#sent(first + i, retries, plan));
    }
  }

  #plan(kind: unknown): CallPlan {
    switch (kind) {
      case UNIT:
        return this.#unit();
      case LIST:
        return this.#list();
      case LEASE:
        return this.#lease();
      case CONTROL:
        return { kind: 'control', action: this.#next() as ControlPlan['action'], access: 'write' };
      default:
        return { kind: 'stream', idleTimeout: this.#next() as number, source: this.#inner(), access: 'read' };
    }
  }

  #lease(): LeasePlan {
    const access = this.#next() as LeasePlan['access'];
    return { kind: 'lease', access, idleTimeout: this.#next() as number, totalTimeout: this.#next() as number };
  }

  #unit(): UnitPlan {
    const name = this.#next() as string;
    const args = fromPortable(this.#next(), this.#next() as readonly Mended[] | undefined) as unknown[];
    return { kind: 'unit', name, args, mended: undefined, access: 'unknown' };
  }

  #list(): ListPlan {
    const plans = Array.from({ length: this.#next() as number }, () => this.#inner());
    return { kind: 'list', plans, access: 'unknown' };
  }

  #inner(): UnitPlan | QueryPlan {
    if (this.#next() === UNIT) return this.#unit();
    const sql = this.#texts[this.#next() as number] as string;
    return { kind: 'query', sql, parameters: this.#next() as readonly unknown[], access: 'unknown' };
  }
}
