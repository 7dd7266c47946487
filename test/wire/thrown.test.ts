import { expect } from 'chai';
import { createPool, DatabaseError, OffthreadError, type Pool, sql, TimeoutError } from 'offthread';
import { type Failure, failureOf } from '../pool/failure.js';
import { Duplicate, NotFound } from './failures.js';

describe('what a unit throws', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({
      database: 'sqlite::memory:',
      units: new URL('./failing-units.js', import.meta.url),
      errors: [Duplicate, NotFound],
    });
    await pool.run(sql`create table log (name)`);
  });
  after(() => pool.close());
  const thrown = (name: string): Promise<Failure> => failureOf(pool.run('throwing', [name]));

  it('arrives as its own class where that is one of the language', async () => {
    for (const [name, type, message] of [
      ['plain', Error, 'plain'],
      ['type', TypeError, 'a type'],
    ] as const) {
      const error = await thrown(name);
      expect(error.constructor).to.equal(type);
      expect(error).to.include({ name: type.name, message });
      expect(Object.keys(error)).to.deep.equal([]);
    }
  });

  it('arrives as its own class where that is in errors: fields, getters, methods and cause', async () => {
    const error = (await thrown('duplicate')) as unknown as Duplicate;
    expect(error).to.be.instanceOf(Duplicate).and.instanceOf(Error);
    expect(error).to.include({ name: 'Duplicate', message: 'twice', code: 'DUPLICATE' });
    expect(error.key).to.deep.equal({ id: 7, at: new Date(0) });
    expect(Buffer.isBuffer(error.photo)).to.equal(true);
    expect(error.describe()).to.equal('twice (7)');
    expect(Object.keys(error).sort()).to.deep.equal(['code', 'key', 'photo']);
    const { cause } = error as { cause?: Failure };
    expect(cause).to.be.instanceOf(NotFound).and.include({ name: 'NotFoundError', status: 404, message: 'the other' });
    expect(cause?.cause).to.equal('a text');
    expect(Object.keys(error)).to.not.include('cause');
  });

  it('arrives as an Error of its name, with its fields, where its class is not known', async () => {
    const error = await thrown('unknown');
    expect(error).to.be.instanceOf(Error).and.include({
      name: 'Unknown',
      message: 'odd',
      detail: 'of a class that the caller does not have',
    });
    expect(String(error)).to.equal('Unknown: odd');
    expect(Object.keys(error)).to.deep.equal(['detail']);
  });

  it('is never taken for one of this library because of its name', async () => {
    for (const [name, type] of [
      ['sameName', TimeoutError],
      ['sameNameOfDatabase', DatabaseError],
    ] as const) {
      const error = await thrown(name);
      expect(error).to.be.instanceOf(Error).and.have.property('message', 'of a program');
      expect(error instanceof type, name).to.equal(false);
      expect(error instanceof OffthreadError, name).to.equal(false);
    }
  });

  it('may be several errors at once', async () => {
    const error = (await thrown('aggregate')) as unknown as AggregateError;
    expect(error).to.be.instanceOf(AggregateError).and.have.property('message', 'several');
    const [one, two, three] = error.errors;
    expect(one).to.be.instanceOf(Duplicate).and.have.property('message', 'one');
    expect(one.key).to.deep.equal({ id: 1, at: new Date(0) });
    expect(two).to.be.instanceOf(TypeError);
    expect(three).to.equal('three');
  });

  it('keeps what of its fields can cross, and loses only the others', async () => {
    const error = await thrown('uncloneable');
    expect(error).to.include({ message: 'with odd fields', code: 'ODD' });
    expect(error.fine).to.deep.equal({ deep: [1n] });
    expect(Object.keys(error).sort()).to.deep.equal(['code', 'fine']);
    expect(await thrown('getter')).to.have.property('message', 'with a getter');
  });

  it('may be in its own cause, or have a hundred of them', async () => {
    const circular = await thrown('circular');
    expect(circular).to.have.property('message', 'circular');
    expect((circular.cause as Error).message).to.equal('circular');
    const endless = await thrown('endless');
    expect([endless.message, (endless.cause as Error).message]).to.deep.equal(['level 99', 'level 98']);
  });

  it('has fields that harm nobody', async () => {
    const error = await thrown('proto');
    expect(Object.getPrototypeOf(error)).to.equal(Error.prototype);
    expect([error.isAdmin, error.message, Object.keys(error).sort()]).to.deep.equal([
      undefined,
      'evil',
      ['__proto__', 'toString'],
    ]);
  });

  for (const [name, message] of [
    ['dom', 'stopped'],
    ['stackIsNumber', 'a number for a stack'],
    ['stackIsObject', 'frames for a stack'],
    ['noStack', 'no stack'],
    ['nameIsFunction', 'odd class'],
    ['frozen', 'frozen'],
  ] as const) {
    it(`is an error however odd it is: ${name}`, async () => {
      const error = await thrown(name);
      expect(error).to.be.instanceOf(Error).and.have.property('message', message);
      expect(error.stack).to.be.a('string');
    });
  }

  it('is an error of another context as an error of this one', async () => {
    const error = await thrown('foreign');
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'of another context');
  });

  it('arrives as it is where it is no error but can cross', async () => {
    for (const [name, value] of [
      ['text', 'a text'],
      ['number', 5],
      ['undefined', undefined],
      ['null', null],
      ['object', { code: 'OBJECT', at: new Date(0), bytes: Buffer.from('x') }],
    ] as const)
      expect(await thrown(name)).to.deep.equal(value);
    expect(((await thrown('object')).bytes as Buffer).toString()).to.equal('x');
    const [inner] = (await thrown('array')) as unknown as [Error];
    expect(inner).to.be.instanceOf(Error).and.have.property('message', 'in an array');
  });

  for (const name of ['function', 'symbol', 'objectWithFunction', 'bare', 'noText', 'promise', 'hiddenMessage']) {
    it(`is an error that says so where it cannot cross: ${name}`, async () => {
      const error = await thrown(name);
      expect(error).to.be.instanceOf(Error);
      expect(error.message)
        .to.be.a('string')
        .and.not.match(/worker|lane|Lane/);
      expect(error).to.not.have.property('code', 'OFFTHREAD_LANE_LOST');
    });
  }

  it('rolls back what its unit did, and only that: its neighbours in the same batch are answered', async () => {
    const names: string[] = await pool.run('names');
    const calls = names.flatMap((name) => [pool.run('writeThenThrow', [name]), pool.run(sql`select ${name} as name`)]);
    const settled = await Promise.allSettled(calls);
    expect(settled.filter((_, i) => i % 2 === 0).every(({ status }) => status === 'rejected')).to.equal(true);
    expect(settled.filter((_, i) => i % 2 === 1)).to.deep.equal(
      names.map((name) => ({ status: 'fulfilled', value: [{ name }] })),
    );
    expect(await pool.run(sql`select * from log`)).to.deep.equal([]);
    expect(pool.stats().lanesLost).to.equal(0);
  });
});
