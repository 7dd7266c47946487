import { expect } from 'chai';
import { DatabaseError, type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('a session', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;
  const names = () => db.rows('select name from user order by id').flat().join(' ');

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  describe('commit()', () => {
    it('writes what has changed, for everybody to see, and goes on with the same entities', () => {
      ada.name = 'Grace';
      session.commit();
      expect(names()).to.equal('Grace Bob Cyd Dee');

      expect(session.get(User, 1)).to.equal(ada);
      ada.name = 'Ada';
      session.commit();
      expect(names()).to.equal('Ada Bob Cyd Dee');
    });

    it('lets go of the lock, so that others can write', () => {
      const other = db.open();
      if (dialect === 'mysql') other.run(sql`set innodb_lock_wait_timeout = 0`);
      ada.name = 'Grace';
      session.flush();
      // SQLite has one lock for all rows, MySQL one for each.
      const write = () =>
        other.transaction((own) => own.run(sql`update user set name = concat('Miss ', name) where id = 1`));
      const kind = dialect === 'sqlite' ? 'busy' : 'lock-timeout';
      expect(thrownBy(write)).to.be.instanceOf(DatabaseError).and.include({ kind, retryable: true });

      session.commit();
      write();
      expect(names()).to.equal('Miss Grace Bob Cyd Dee');
    });
  });

  describe('rollback()', () => {
    it('undoes everything since the last commit, in the database and in the entities', () => {
      const bob = session.get(User, 2) as User;
      bob.age = 26;
      session.commit();
      ada.name = 'Grace';
      session.flush();
      bob.name = 'Rob';
      const eve = session.add(new User({ name: 'Eve' }));
      session.flush();
      session.remove(session.get(User, 4) as User);
      session.rollback();

      expect([ada.name, bob.name, bob.age, session.get(User, 4)?.name]).to.deep.equal(['Ada', 'Bob', 26, 'Dee']);
      expect(session.query(User).all()).to.not.include(eve);
      expect(db.during(() => session.commit())).to.deep.equal([]);
      expect(names()).to.equal('Ada Bob Cyd Dee');
    });

    it('undoes changes that were never flushed, without a transaction', () => {
      ada.name = 'Grace';
      session.add(new User({ name: 'Eve' }));
      session.rollback();

      expect(ada.name).to.equal('Ada');
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });

    it('undoes a value that its column would refuse', () => {
      ada.age = Number.NaN;
      session.rollback();

      expect(ada.age).to.equal(36);
    });

    it('undoes changes of relations', () => {
      ada.addresses.push(new Address({ street: 'West' }));
      (session.get(Address, 3) as Address).user = ada;
      session.rollback();

      expect(ada.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South']);
      expect(session.get(Address, 3)?.user?.name).to.equal('Bob');
    });
  });
});
