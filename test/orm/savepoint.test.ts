import { expect } from 'chai';
import { DatabaseError, EntityStateError, type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('a savepoint', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;
  const names = () => db.rows('select name from user order by id').flat().join(' ');
  /** Runs `work` in a savepoint and undoes it. */
  const undone = (work: () => void) =>
    expect(() =>
      session.savepoint(() => {
        work();
        throw new Error('undo');
      }),
    ).to.throw('undo');

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  for (const [verb, end] of [
    ['commit or begin', () => session.commit()],
    ['commit or begin', () => session.transaction(() => {})],
    ['roll back', () => session.rollback()],
  ] as const) {
    it(`refuses to be ended from within: ${end.toString().slice(6)}`, () => {
      session.add(new User({ name: 'Eve' }));
      expect(() => session.savepoint(end)).to.throw(
        EntityStateError,
        `The session cannot ${verb} inside of savepoint(fn), which is only a part of the transaction.`,
      );
      session.commit();
      expect(names()).to.equal('Ada Bob Cyd Dee Eve');
    });
  }

  it('keeps what was done in it, writes it, and returns what the function returns', () => {
    const eve = session.savepoint(() => {
      ada.name = 'Grace';
      return session.add(new User({ name: 'Eve' }));
    });

    expect(eve.id).to.equal(5);
    expect(names()).to.equal('Ada Bob Cyd Dee');
    session.commit();
    expect(names()).to.equal('Grace Bob Cyd Dee Eve');
  });

  it('undoes changes in the database and in the entities, and throws the error itself', () => {
    const error = new Error('undo');
    const thrown = thrownBy(() =>
      session.savepoint(() => {
        ada.name = 'Grace';
        session.flush();
        ada.age = 99;
        throw error;
      }),
    );

    expect(thrown).to.equal(error);
    expect([ada.name, ada.age]).to.deep.equal(['Ada', 36]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
    expect(names()).to.equal('Ada Bob Cyd Dee');
  });

  it('keeps what was changed before it', () => {
    ada.age = 37;
    undone(() => (ada.name = 'Grace'));
    session.commit();

    expect([ada.name, ada.age]).to.deep.equal(['Ada', 37]);
    expect(db.rows('select name, age from user where id = 1')).to.deep.equal([['Ada', 37]]);
  });

  it('undoes inserts: the entity is new again, and can be added again', () => {
    let eve!: User;
    undone(() => {
      eve = session.add(new User({ name: 'Eve' }));
      session.flush();
    });
    expect(session.query(User).where({ name: 'Eve' }).all()).to.deep.equal([]);
    session.commit();
    expect(names()).to.equal('Ada Bob Cyd Dee');

    session.add(eve);
    session.commit();
    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });

  it('undoes adds that were not flushed', () => {
    undone(() => session.add(new User({ name: 'Eve' })));
    session.commit();
    expect(names()).to.equal('Ada Bob Cyd Dee');
  });

  it('gives a new entity that is undone back with what it was related to', () => {
    const eve = new User({ name: 'Eve' });
    eve.addresses.push(new Address({ street: 'West' }));
    undone(() => {
      session.add(eve);
      session.flush();
    });
    session.add(eve);
    session.commit();

    expect(
      db.rows("select street from address where user_id = (select id from user where name = 'Eve')"),
    ).to.deep.equal([['West']]);
  });

  for (const isFlushed of [true, false]) {
    it(`undoes removals${isFlushed ? '' : ' that were not flushed'}: the entity is there again`, () => {
      const dee = session.get(User, 4) as User;
      undone(() => {
        session.remove(dee);
        if (isFlushed) session.flush();
      });

      expect(session.get(User, 4)).to.equal(dee);
      dee.age = 50;
      session.commit();
      expect(db.rows('select name, age from user where id = 4')).to.deep.equal([['Dee', 50]]);
    });
  }

  it('undoes changes of collections and owners', () => {
    const north = ada.addresses[0] as Address;
    const bob = session.get(User, 2) as User;
    undone(() => {
      ada.addresses.push(new Address({ street: 'West' }));
      ada.addresses.splice(0, 1);
      session.flush();
      north.user = bob;
      session.flush();
    });

    expect(ada.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South']);
    expect([north.userId, north.user, bob.addresses.length]).to.deep.equal([1, ada, 1]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('undoes what SQL changed, in entities that were loaded in it too', () => {
    const bob = { name: '', own: undefined as User | undefined };
    undone(() => {
      session.run(sql`update user set name = concat(name, '!')`);
      bob.own = session.get(User, 2);
      bob.name = bob.own?.name ?? '';
    });

    expect([bob.name, session.get(User, 2)?.name]).to.deep.equal(['Bob!', 'Bob']);
    expect(session.query(User).where({ id: 2 }).one().name).to.equal('Bob');
  });

  it('forgets what was loaded in it and is not there any more', () => {
    undone(() => {
      session.run(sql`insert into user (id, name) values (70, 'Eve')`);
      expect(session.get(User, 70)?.name).to.equal('Eve');
    });

    expect(session.get(User, 70)).to.equal(undefined);
  });

  for (const [what, refused] of [
    ['with the entity that is refused alone', ['Bob']],
    ['also where another one was written before', ['Eve', 'Bob']],
  ] as const) {
    it(`can be caught around what the database refuses, ${what}`, () => {
      const added = refused.map((name) => new User({ name }));
      const error = thrownBy(() =>
        session.savepoint(() => {
          for (const user of added) session.add(user);
        }),
      );
      expect(error).to.be.instanceOf(DatabaseError).and.include({ kind: 'unique' });

      session.add(new User({ name: 'Flo' }));
      session.commit();
      expect(names()).to.equal('Ada Bob Cyd Dee Flo');
      expect(added.map((user) => session.query(User).all().includes(user))).to.deep.equal(added.map(() => false));
    });
  }

  it('refuses a function that returns a promise, and undoes its work', () => {
    const asked = () =>
      session.savepoint((() => {
        ada.name = 'Grace';
        return Promise.resolve(1);
      }) as never);

    expect(thrownBy(asked)).to.include({
      code: 'OFFTHREAD_PROMISE_RESULT',
      message:
        'A savepoint returned a promise, so its work was rolled back. It is synchronous by design: remove async, and await outside of it.',
    });
    expect(ada.name).to.equal('Ada');
  });

  // MySQL ends one at a deadlock: see deadlock.test.ts.
  if (dialect === 'sqlite')
    it('whose transaction the database has ended throws the cause, and a rollback restores the entities', () => {
      db.outside.exec(`create trigger no_grace before update on user when new.name = 'Grace'
      begin select raise(rollback, 'no Grace here'); end`);
      const error = thrownBy(() => session.savepoint(() => (ada.name = 'Grace')));

      expect(error.message).to.match(/^no Grace here \(SQLITE_CONSTRAINT_TRIGGER\)/);
      expect(db.isInTransaction(session)).to.equal(false);
      // The rest would be committed alone.
      expect(() => session.commit()).to.throw('The session ended its own transaction');
      session.rollback();
      expect(ada.name).to.equal('Ada');
    });
});
