import vm from 'node:vm';
import { read, type Session, sql, write } from 'offthread/orm';
import { Duplicate, NotFound, Unknown } from './failures.js';

const at = new Date(0);
class TimeoutError extends Error {}
class DatabaseError extends Error {
  kind = 'unique';
}

const errors: Record<string, () => unknown> = {
  plain: () => new Error('plain'),
  type: () => new TypeError('a type'),
  duplicate: () => new Duplicate('twice', { id: 7, at }, { cause: new NotFound('the other', { cause: 'a text' }) }),
  notFound: () => new NotFound('not there'),
  unknown: () => new Unknown('odd'),
  subclass: () => new (class Special extends Duplicate {})('special', { id: 8, at }),
  aggregate: () => new AggregateError([new Duplicate('one', { id: 1, at }), new TypeError('two'), 'three'], 'several'),
  dom: () => new DOMException('stopped', 'AbortError'),
  foreign: () => vm.runInNewContext('new RangeError("of another context")'),
  sameName: () => new TimeoutError('of a program'),
  sameNameOfDatabase: () => new DatabaseError('of a program'),
  circular: () => {
    const error = new Error('circular') as Error & { self?: unknown };
    error.self = error;
    error.cause = error;
    return error;
  },
  endless: () => {
    let error = new Error('level 0');
    for (let level = 1; level < 100; level++) error = new Error(`level ${level}`, { cause: error });
    return error;
  },
  uncloneable: () =>
    Object.assign(new Error('with odd fields'), {
      code: 'ODD',
      callback: () => 1,
      symbol: Symbol('s'),
      socket: { write() {} },
      fine: { deep: [1n] },
      url: new URL('https://example.org'),
    }),
  getter: () =>
    Object.defineProperty(new Error('with a getter'), 'broken', {
      enumerable: true,
      get: () => {
        throw new Error('of the getter');
      },
    }),
  proto: () => {
    const fields = JSON.parse('{ "__proto__": { "isAdmin": true }, "toString": 5 }');
    return Object.defineProperties(new Error('evil'), Object.getOwnPropertyDescriptors(fields));
  },
  hiddenMessage: () =>
    Object.defineProperty(new Error('hidden'), 'message', {
      get: () => {
        throw new Error('of the message');
      },
    }),
  stackIsNumber: () => Object.assign(new Error('a number for a stack'), { stack: 5 }),
  stackIsObject: () => Object.assign(new Error('frames for a stack'), { stack: [{ call: () => 1 }] }),
  noStack: () => Object.assign(new Error('no stack'), { stack: undefined }),
  nameIsFunction: () => {
    class Odd extends Error {}
    Object.defineProperty(Odd, 'name', { value: () => 1 });
    return new Odd('odd class');
  },
  frozen: () => Object.freeze(new Error('frozen')),
  text: () => 'a text',
  number: () => 5,
  undefined: () => undefined,
  null: () => null,
  object: () => ({ code: 'OBJECT', at, bytes: Buffer.from('x') }),
  function: () => () => 1,
  symbol: () => Symbol('thrown'),
  objectWithFunction: () => ({ code: 'OBJECT', retry() {} }),
  bare: () => Object.assign(Object.create(null), { retry() {} }),
  noText: () => ({
    retry() {},
    toString() {
      throw new Error('no text');
    },
  }),
  promise: () => Promise.resolve(1),
  array: () => [new Error('in an array')],
};
export const names = read((_session: Session) => Object.keys(errors));
const fail = (name: string): never => {
  throw errors[name]?.();
};

export const throwing = read((_session: Session, name: string): void => fail(name));
export const writeThenThrow = write((session: Session, name: string): void => {
  session.run(sql`insert into log values (${name})`);
  fail(name);
});
export const caught = write((session: Session) => {
  try {
    session.run(sql`insert into parent (id) values (1)`);
  } catch (error) {
    throw new Duplicate('there already', { id: 1, at }, { cause: error });
  }
});
