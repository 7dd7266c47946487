import { expect } from 'chai';
import * as offthread from 'offthread';
import { createPool, type OffthreadError, type Pool } from 'offthread';
import { errorClasses } from '../../lib/errors.js';
import { type Failure, failureOf } from '../pool/failure.js';
import { samples } from './error-units.js';

const names = [...errorClasses.keys()];
const exported = offthread as unknown as Record<string, new (...args: never[]) => OffthreadError>;

describe('an error class of this library', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({ database: 'sqlite::memory:', units: new URL('./error-units.js', import.meta.url) });
  });
  after(() => pool.close());

  it('has a code of its own', () => {
    const codes = names.map((name) => samples[name]?.().code);
    expect(codes).to.not.include(undefined);
    expect(new Set(codes).size).to.equal(names.length);
  });

  it('of a user with a name that only its constructor can tell hurts nobody but its own call', async () => {
    class Odd extends Error {
      #number = 1;
      override get name() {
        return `Odd${this.#number}`;
      }
    }
    const own = await createPool({
      database: 'sqlite::memory:',
      units: new URL('./error-units.js', import.meta.url),
      errors: [Odd],
    });
    const calls = ['odd', 'echo', 'echo'].map((unit) => own.run(unit, [1]));
    const [odd, ...others] = await Promise.allSettled(calls);
    expect(odd?.status).to.equal('rejected');
    expect(others.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled']);
    expect(own.stats().lanesLost).to.equal(0);
    await own.close();
  });

  for (const name of names) {
    it(`arrives as itself, with its fields: ${name}`, async () => {
      const made = samples[name]?.() as unknown as Failure;
      const error = await failureOf(pool.run('fail', [name]));
      expect(exported[name], 'exported').to.be.a('function').and.have.property('name', name);
      expect(error).to.be.instanceOf(exported[name]).and.instanceOf(offthread.OffthreadError);
      expect(error.constructor).to.equal(made.constructor);
      expect(error.name).to.equal(name);
      expect(error.message).to.equal(made.message);
      expect(Object.fromEntries(Object.entries(error))).to.deep.equal(Object.fromEntries(Object.entries(made)));
      expect(error.cause).to.be.instanceOf(RangeError).and.have.property('message', 'the cause');
      expect(error.stack).to.match(new RegExp(`^${name}: `));
      if (name === 'DatabaseError' || name === 'OffthreadError') return;
      expect(error.code).to.match(/^OFFTHREAD_[A-Z]+(_[A-Z]+)*$/);
      // A sentence and a way out, both ended; none of the words that stand for a field that was not there.
      expect(error.message)
        .to.match(/^['\w].*[.?]$/s)
        .and.not.match(/undefined|\[object|NaN/);
    });
  }
});
