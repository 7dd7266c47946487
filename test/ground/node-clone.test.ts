import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { expect } from 'chai';

class DriverError extends Error {
  override readonly name: string = 'DriverError';
  readonly code = 'E_DRIVER';
  readonly detail = { line: 3 };
}

describe('node: structured clone', () => {
  it("loses a custom error's class, name, code and fields", () => {
    const clone = structuredClone(new DriverError('refused'));
    expect(clone).to.be.instanceOf(Error).and.not.instanceOf(DriverError);
    expect(clone).to.include({ name: 'Error', message: 'refused' });
    expect(clone).to.not.have.any.keys('code', 'detail');
  });

  it('keeps the class and the stack of a built-in error, not its code', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR' });
    const clone = structuredClone(error);
    expect(clone).to.be.instanceOf(RangeError).and.not.have.property('code');
    expect(clone.stack).to.equal(error.stack);
  });

  it('keeps the cause of an error, cloned the same way', () => {
    const clone = structuredClone(new Error('outer', { cause: new DriverError('inner') }));
    expect(clone.cause).to.be.instanceOf(Error).with.property('message', 'inner');
    expect(clone.cause).to.not.have.property('code');
  });

  it('loses the errors of an AggregateError, which comes back as an Error', () => {
    const clone = structuredClone(new AggregateError([new Error('one')], 'all'));
    expect(clone.constructor).to.equal(Error);
    expect(clone).to.not.have.property('errors');
  });

  it('turns a Buffer into a Uint8Array', () => {
    const clone = structuredClone(Buffer.from('abc'));
    expect(Buffer.isBuffer(clone)).to.equal(false);
    expect(clone).to.eql(new Uint8Array([97, 98, 99]));
  });

  it('copies the whole memory behind a view: a small Buffer brings its pool along', () => {
    const clone = structuredClone(Buffer.from('abc'));
    expect(clone.byteLength).to.equal(3);
    expect(clone.buffer.byteLength).to.equal(Buffer.poolSize);
  });

  it('keeps two references to one object one object', () => {
    const shared = { id: 1 };
    const [first, second] = structuredClone([shared, shared]);
    expect(first).to.equal(second);
  });

  it('keeps two references to one Uint8Array one Uint8Array', () => {
    const bytes = new Uint8Array([1, 2]);
    const [first, second] = structuredClone([bytes, bytes]);
    expect(first).to.equal(second);
  });

  it('keeps two views of one memory on one memory', () => {
    const memory = new ArrayBuffer(4);
    const [first, second] = structuredClone([new Uint8Array(memory, 0, 2), new Uint8Array(memory, 2)]);
    expect(first?.buffer).to.equal(second?.buffer);
  });

  it('keeps a cycle', () => {
    const node: { self?: unknown } = {};
    node.self = node;
    const clone = structuredClone(node);
    expect(clone.self).to.equal(clone);
  });

  it('keeps no identity from one message to the next', () => {
    const { port1, port2 } = new MessageChannel();
    const shared = { id: 1 };
    port1.postMessage(shared);
    port1.postMessage(shared);
    const [first, second] = [receiveMessageOnPort(port2)?.message, receiveMessageOnPort(port2)?.message];
    expect(first).to.eql(second).and.not.equal(second);
    port1.close();
  });

  it('loses the class, the getters of the prototype and the symbols of an object, without a word', () => {
    class User {
      name = 'Ada';
      get label() {
        return this.name;
      }
    }
    const clone = structuredClone(Object.assign(new User(), { [Symbol('s')]: 1 }));
    expect(Object.getPrototypeOf(clone)).to.equal(Object.prototype);
    expect(Reflect.ownKeys(clone)).to.eql(['name']);
  });

  it('reads own getters, and lets what they throw through', () => {
    const getter = (get: () => unknown) => Object.defineProperty({}, 'value', { get, enumerable: true });
    expect(structuredClone(getter(() => 1))).to.eql({ value: 1 });
    const bad = getter(() => {
      throw new RangeError('from the getter');
    });
    expect(() => structuredClone(bad)).to.throw(RangeError, 'from the getter');
  });

  it('keeps an own property named __proto__ an own property', () => {
    const clone = structuredClone(JSON.parse('{"__proto__": {"admin": true}}') as object);
    expect(Object.hasOwn(clone, '__proto__')).to.equal(true);
    expect(clone).to.not.have.property('admin');
  });

  it('refuses functions, symbols, promises and proxies with a DataCloneError, whose code is a number', () => {
    for (const value of [() => 1, Symbol('s'), Promise.resolve(), new Proxy({}, {})]) {
      expect(() => structuredClone({ value }))
        .to.throw(DOMException)
        .with.include({ name: 'DataCloneError', code: 25 });
    }
  });
});
