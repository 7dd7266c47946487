import { expect } from 'chai';
import { belongsTo, CallError, createTables, Entity, integer, json, type LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('a call that names what an entity does not have', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  const mistakes: [what: string, call: (session: LocalSession) => unknown, message: string][] = [
    [
      'a relation in with()',
      (own) => own.query(User).with('adresses' as never),
      "with(): User has no relation 'adresses'. Did you mean 'addresses'?",
    ],
    [
      'a relation behind another one',
      (own) => own.query(User).with('addresses.city' as never),
      "with(): Address has no relation 'city'. It has user.",
    ],
    [
      'a relation in refuseLazy()',
      (own) => own.query(Address).refuseLazy('street' as never),
      "refuseLazy(): Address has no relation 'street'. It has user.",
    ],
    [
      'a column in where({ … })',
      (own) => own.query(User).where({ nmae: 'Ada' } as never),
      "where(): User has no column or relation 'nmae'. Did you mean 'name'?",
    ],
    [
      'a relation in where({ … })',
      (own) => own.query(User).where({ adresses: {} } as never),
      "where(): User has no column or relation 'adresses'. Did you mean 'addresses'?",
    ],
    [
      'a column in where(…)',
      (own) => own.query(User).where('quantity' as never, '=', 5 as never),
      "where(): User has no column 'quantity'. It has id, name, email, age.",
    ],
    [
      'a column in orderBy()',
      (own) => own.query(User).orderBy('nmae' as never),
      "orderBy(): User has no column 'nmae'. Did you mean 'name'?",
    ],
    [
      'a relation where a column belongs',
      (own) => own.query(User).orderBy('addresses' as never),
      'orderBy(): User.addresses is a relation, and no column. Its columns are id, name, email, age.',
    ],
  ];
  for (const [what, call, message] of mistakes) {
    it(`is told, and what was meant: ${what}`, () => {
      expect(() => call(session))
        .to.throw(CallError, message)
        .with.property('code', 'OFFTHREAD_CALL');
    });
  }

  it('is told where something else stands for an entity, or for a function', () => {
    const told = (call: () => unknown) => expect(call).to.throw(Error).with.property('message');
    told(() => session.query(undefined as never)).that.matches(/^undefined is not mapped rightly: it is no entity\./);
    told(() => session.add({ name: 'Ada' } as never)).that.matches(/^an object \(Object\) is no entity\./);
    told(() => session.savepoint(undefined as never)).that.equals('savepoint() takes a function, not undefined.');
    class Lost extends Entity('lost', { id: integer().primaryKey(), userId: integer() }) {
      static relations = { user: belongsTo(User as never, 'userId') };
    }
    told(() => session.query(Lost).with('user' as never)).that.includes(
      "its relation 'user' is given the function User instead of a function that answers with an entity.",
    );
  });

  for (const call of ['with', 'refuseLazy'] as const) {
    it(`is told where something else stands for a relation's name in ${call}()`, () => {
      const ways = "the names of relations: 'addresses', 'orders.items'";
      expect(() => session.query(User)[call](['addresses'] as never)).to.throw(
        TypeError,
        `${call}() takes ${ways}, not an array of 1.`,
      );
    });
  }

  it('is told where a list stands for the value of a json column, of which it could be one', () => {
    class Box extends Entity('box', { id: integer().primaryKey(), tags: json<string[]>() }) {}
    createTables(session, [Box]);
    session.add(new Box({ tags: ['a', 'b'] }));
    session.flush();
    expect(() =>
      session
        .query(Box)
        .where({ tags: ['a', 'b'] })
        .count(),
    ).to.throw(
      TypeError,
      "Box.tags takes where('tags', '=', …) for one value, or 'in' for a list of them, not an array of 2.",
    );
    expect(session.query(Box).where('tags', '=', ['a', 'b']).count()).to.equal(1);
    expect(
      session
        .query(Box)
        .where('tags', 'in', [['a', 'b'], ['c']])
        .count(),
    ).to.equal(1);
  });

  it('is told where something else stands for the work of transaction() and call()', () => {
    expect(() => session.transaction(undefined as never)).to.throw(
      TypeError,
      'transaction() takes a function, not undefined.',
    );
    expect(() => session.call('rename' as never)).to.throw(TypeError, "call() takes a unit, not 'rename'.");
  });

  it('is told where get() is given an option that there is not', () => {
    expect(() => session.get(User, 1, { lok: 'update' } as never)).to.throw(
      TypeError,
      "session.get() has no option 'lok'. Did you mean 'lock'?",
    );
    expect(() => session.get(User, 1, null as never)).to.throw(
      TypeError,
      'session.get() must be an object of options (lock), not null.',
    );
  });

  it('is told where an object stands for the name in orderBy()', () => {
    expect(() => session.query(User).orderBy({ name: 'desc' } as never)).to.throw(
      TypeError,
      "orderBy() takes a column's name and 'asc' or 'desc', once for each column, not an object (Object).",
    );
  });
});
