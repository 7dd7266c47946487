import { expect } from 'chai';
import { DatabaseError, type LocalSession, StaleEntityError } from '../../lib/orm/index.js';
import { onEach, quoted, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('a flush', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  const isWriting = () => db.isInTransaction(session);

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('sends nothing and begins no transaction where there is nothing to do', () => {
    for (const { label, orders } of session.query(User)) void [label, orders];

    expect(db.during(() => session.flush())).to.deep.equal([]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
    expect(isWriting()).to.equal(false);
  });

  it('writes only what has changed: one statement for each changed entity, with its changed columns', () => {
    const [ada, bob, cyd] = session.query(User).orderBy('id').all() as [User, User, User];
    ada.name = 'Grace';
    bob.name = 'Rob';
    bob.age = 26;
    cyd.name = 'Cyd';

    expect(db.during(() => session.flush())).to.deep.equal([
      'update "user" set "name" = ? where "id" = ?',
      'update "user" set "name" = ?, "age" = ? where "id" = ?',
    ]);
    expect(db.during(() => session.flush())).to.deep.equal([]);
  });

  it('leaves the columns alone that somebody else has changed meanwhile', () => {
    const ada = session.get(User, 1) as User;
    db.outside.exec("update user set email = 'new@example.org' where id = 1");
    ada.age = 37;
    session.commit();

    expect(db.rows('select email, age from user where id = 1')).to.deep.equal([['new@example.org', 37]]);
  });

  it('begins a transaction, which others see only after the commit', () => {
    (session.get(User, 1) as User).name = 'Grace';
    session.flush();
    expect(isWriting()).to.equal(true);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);

    session.commit();
    expect(isWriting()).to.equal(false);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Grace']]);
  });

  for (const [what, touch] of [
    ['change', (user: User) => (user.name = 'Dora')],
    ['remove', (user: User, own: LocalSession) => own.remove(user)],
  ] as const) {
    it(`notices a row to ${what} that another connection has deleted`, () => {
      const dee = session.get(User, 4) as User;
      db.outside.exec('delete from user where id = 4');
      touch(dee, session);

      expect(thrownBy(() => session.commit()))
        .to.be.instanceOf(StaleEntityError)
        .and.include({
          code: 'OFFTHREAD_STALE_ENTITY',
          entity: 'User',
          key: '4',
          message:
            'The row of User 4 is gone, so it could not be written. Another transaction deleted it: load it again and decide.',
        });
    });
  }

  it('notices a row to refresh that another connection has deleted', () => {
    const dee = session.get(User, 4) as User;
    db.outside.exec('delete from user where id = 4');

    expect(thrownBy(() => session.refresh(dee))).to.be.instanceOf(StaleEntityError);
  });

  it('that fails can be repaired and done again: what was written is not written twice', () => {
    const ada = session.get(User, 1) as User;
    const dee = session.get(User, 4) as User;
    const [eve, double] = [session.add(new User({ name: 'Eve' })), session.add(new User({ name: 'Bob' }))];
    expect(thrownBy(() => session.flush()))
      .to.be.instanceOf(DatabaseError)
      .and.include({ kind: 'unique' });

    double.name = 'Rob';
    ada.name = 'Grace';
    session.remove(dee);
    session.commit();
    expect(db.rows('select name from user order by id')).to.deep.equal([['Grace'], ['Bob'], ['Cyd'], ['Eve'], ['Rob']]);
    // A number that was made for a row is not made again on MySQL, also where that was refused.
    expect([eve.id, double.id]).to.deep.equal(dialect === 'sqlite' ? [5, 6] : [5, 7]);
  });

  it('that fails at a delete can be repaired too: what was deleted is not deleted twice', () => {
    const [dee, bob] = [session.get(User, 4) as User, session.get(User, 2) as User];
    session.remove(dee);
    session.remove(bob);
    expect(thrownBy(() => session.flush())).to.include({ kind: 'foreign-key' });

    session.add(bob);
    session.commit();
    expect(db.rows('select name from user order by id')).to.deep.equal([['Ada'], ['Bob'], ['Cyd']]);
  });

  it('that fails and is rolled back leaves the entities as they were', () => {
    const ada = session.get(User, 1) as User;
    ada.name = 'Grace';
    const [eve, double] = [session.add(new User({ name: 'Eve' })), session.add(new User({ name: 'Bob' }))];
    expect(thrownBy(() => session.commit())).to.include({ kind: 'unique' });
    session.rollback();

    expect(ada.name).to.equal('Ada');
    double.name = 'Rob';
    session.add(eve);
    session.add(double);
    session.commit();
    expect(db.rows('select name from user order by id').flat().join(' ')).to.equal('Ada Bob Cyd Dee Eve Rob');
  });

  it('tells of the database’s own rules by kind and statement, without the values', () => {
    session.add(new Address({ userId: 99, street: 'secret' }));

    const error = thrownBy(() => session.commit());
    expect(error)
      .to.be.instanceOf(DatabaseError)
      .and.include({
        kind: 'foreign-key',
        code: dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_FOREIGNKEY' : 'ER_NO_REFERENCED_ROW_2',
        retryable: false,
        outcome: 'not-committed',
        sql: quoted('insert into "address" ("user_id", "street") values (?, ?)', dialect),
      });
    expect(error.message).to.not.include('secret');
  });
});
