import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: values in and out', () => {
  const scalarsOnly = 'SQLite3 can only bind numbers, strings, bigints, buffers, and null';
  let scratch: Scratch;
  let db: Database.Database;

  before(() => {
    scratch = new Scratch();
    db = scratch.writer();
  });
  after(() => scratch.remove());

  const echo = (...values: unknown[]) =>
    db
      .prepare('select ?')
      .pluck()
      .get(...values);
  const echoed = (sql: string, ...values: unknown[]) =>
    db
      .prepare(sql)
      .raw()
      .get(...values);

  describe('one value for one placeholder', () => {
    it('NaN, undefined and a hole in an array are bound as NULL', () => {
      expect([echo(Number.NaN), echo(undefined), echo(new Array(1))]).to.eql([null, null, null]);
    });

    it('Infinity, -0 and text with a NUL survive, a lone surrogate does not', () => {
      expect([echo(Infinity), echo(-0), echo('a\0b')]).to.eql([Infinity, -0, 'a\0b']);
      expect(echo('\ud800')).to.match(/^\ufffd+$/);
    });

    it('booleans, dates, maps, class instances, promises, functions and symbols are a TypeError', () => {
      class Money {}
      const values = [
        true,
        new Date(0),
        new Map(),
        new Money(),
        Promise.resolve(),
        () => 1,
        Symbol('s'),
        new String('s'),
      ];
      for (const value of values) expect(() => echo(value)).to.throw(TypeError, scalarsOnly);
    });

    it('a Buffer and a Uint8Array are a blob of their bytes, an ArrayBuffer itself is a TypeError', () => {
      for (const view of [Buffer.alloc(8), new Uint8Array(8)]) expect(echo(view)).to.eql(Buffer.alloc(8));
      expect(() => echo(new ArrayBuffer(8))).to.throw(TypeError, scalarsOnly);
    });

    it('a blob comes back as a Buffer with memory of its own', () => {
      const blob = echo(Buffer.from('abc'));
      expect(blob).to.be.instanceOf(Buffer);
      expect((blob as Buffer).buffer.byteLength).to.equal(3);
    });

    it('limit takes a whole number or digits, not NULL and not a fraction', () => {
      const limited = db.prepare('select 1 limit ?').pluck();
      expect([limited.all(2), limited.all('2')]).to.eql([[1], [1]]);
      expect(() => limited.all(null))
        .to.throw()
        .with.property('code', 'SQLITE_MISMATCH');
      expect(() => limited.all(2.5))
        .to.throw()
        .with.property('code', 'SQLITE_MISMATCH');
    });
  });

  describe('what is not one value', () => {
    it('an array is spread over the placeholders, at any place in the list', () => {
      expect(echo([1])).to.equal(1);
      expect(echoed('select ?, ?, ?', [1], 2, [3])).to.eql([1, 2, 3]);
      expect(echoed('select ?, ?', [], [1, 2])).to.eql([1, 2]);
    });

    it('an array or an object inside an array is a TypeError', () => {
      expect(() => echo([[1]])).to.throw(TypeError, scalarsOnly);
      expect(() => echo([{}])).to.throw(TypeError, scalarsOnly);
    });

    it('a plain object is taken as named parameters and counts as no value', () => {
      expect(() => echo({ id: 1 })).to.throw(RangeError, 'Too few parameter values');
      expect(() => echo(Object.create(null))).to.throw(RangeError, 'Too few parameter values');
    });

    it('a plain object beside enough values is dropped without a word', () => {
      expect(echo(1, { id: 2 })).to.equal(1);
      expect(echoed('select 1', { id: 2 })).to.eql([1]);
    });

    it('a second plain object is a TypeError', () => {
      expect(() => echo(1, {}, {})).to.throw(TypeError, 'two different objects');
    });

    it('named and anonymous placeholders mix, wherever the object stands', () => {
      expect(echoed('select ?, :name', { name: 2 }, 1)).to.eql([1, 2]);
    });

    it('named placeholders want own properties of a plain object', () => {
      expect(() => echoed('select :name', 1)).to.throw(RangeError, 'Too many parameter values');
      expect(() => echoed('select :name', { other: 1 })).to.throw(RangeError, 'Missing named parameter "name"');
      expect(() => echoed('select :name', Object.create({ name: 1 }))).to.throw(TypeError, 'within plain objects');
      expect(() => echoed('select :name')).to.throw(TypeError, 'Missing named parameters');
    });

    it('a numbered placeholder (?1) is a named one: a positional value does not reach it', () => {
      expect(() => echoed('select ?1', 5)).to.throw(RangeError, 'Too many parameter values');
      expect(echoed('select ?1', { 1: 5 })).to.eql([5]);
    });

    it('too few and too many values are a RangeError', () => {
      expect(() => echo()).to.throw(RangeError, 'Too few parameter values');
      expect(() => echo(1, 2)).to.throw(RangeError, 'Too many parameter values');
    });

    it('a statement holds 32,766 placeholders, no more', () => {
      const marks = (count: number) => `select count(*) from (values ${new Array(count).fill('(?)').join()})`;
      expect(echoed(marks(32_766), new Array(32_766).fill(1))).to.eql([32_766]);
      expect(() => db.prepare(marks(32_767)))
        .to.throw('too many SQL variables')
        .with.property('code', 'SQLITE_ERROR');
    });
  });
});
