import { BadInput } from './errors.js';

interface Range {
  from: number;
  to: number;
  /** What holds when the client does not say. */
  or?: number;
}

// Half of a character, which JSON can carry and a database cannot.
const BROKEN = /\p{Surrogate}/u;

/** What a client sent, read field by field; what is wrong with one is said in a sentence. */
export class Input {
  readonly #fields: object;

  constructor(fields: unknown) {
    if (typeof fields !== 'object' || fields === null) throw new BadInput('the body must be a JSON object');
    this.#fields = fields;
  }

  text(name: string, longest = 200): string {
    const value = this.#read(name);
    if (typeof value !== 'string' || value.trim() === '' || value.length > longest || BROKEN.test(value)) {
      throw new BadInput(`${name} must be text of 1 to ${longest} characters, but it is ${show(value)}`);
    }
    return value.trim();
  }

  integer(name: string, range: Range): number {
    const value = this.#number(name, range.or);
    if (Number.isInteger(value) && within(range, value)) return value;
    throw this.#refuse(name, 'a whole number', range);
  }

  number(name: string, range: Range): number {
    const value = this.#number(name, range.or);
    if (within(range, value)) return value;
    throw this.#refuse(name, 'a number', range);
  }

  /** NaN, which is in no range, for what is no number; a query string has only text. */
  #number(name: string, or = Number.NaN): number {
    const value = this.#read(name);
    if (value === undefined) return or;
    if (typeof value === 'string' && value.trim() !== '') return Number(value);
    return typeof value === 'number' ? value : Number.NaN;
  }

  #refuse(name: string, kind: string, { from, to }: Range): BadInput {
    return new BadInput(`${name} must be ${kind} from ${from} to ${to}, but it is ${show(this.#read(name))}`);
  }

  #read(name: string): unknown {
    return Object.getOwnPropertyDescriptor(this.#fields, name)?.value;
  }
}

function within({ from, to }: Range, value: number): boolean {
  return value >= from && value <= to;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
