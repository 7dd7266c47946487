import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Connection } from 'mysql2/promise';
import { DatabaseError, Entity, integer, type LocalSession, StaleEntityError, sql, text } from '../../lib/orm/index.js';
import { onMysql, type TestDatabase, thrownBy } from './database.js';
import { mysqlPlace } from './mysql-database.js';
import { SCHEMA, User } from './shop.js';

class Note extends Entity('note', { id: integer().primaryKey(), words: text(), version: integer().version() }) {}
const NOTES = `create table note (id integer primary key, words text, version integer not null);
  insert into note values (1, 'one', 1), (2, 'two', 1);`;

onMysql('a transaction on MySQL', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;

  beforeEach(() => {
    db = make(SCHEMA + NOTES);
    session = db.open();
    session.run(sql`update ${sql.table('order')} set total = total where id = 1`);
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  it('reads what there was at its first read, and under a lock what there is', () => {
    db.outside.exec(
      "update user set age = 40 where id in (1, 2); insert into user (id, name, age) values (9, 'Eve', 40)",
    );

    expect(session.get(User, 2)?.age).to.equal(25);
    expect(session.get(User, 9)).to.equal(undefined);
    expect(session.get(User, 1, { lock: 'update' })).to.equal(ada);
    expect(ada.age).to.equal(40);
    expect(
      session
        .query(User)
        .where({ age: 40 })
        .forUpdate()
        .all()
        .map(({ name }) => name),
    ).to.deep.equal(['Ada', 'Bob', 'Eve']);
  });

  it('notices that another has deleted a row which it still sees, or changed one', () => {
    const [first, second] = session.query(Note).orderBy('id').all() as [Note, Note];
    db.outside.exec("delete from note where id = 1; update note set words = 'theirs', version = 2 where id = 2");

    for (const [note, found] of [
      [first, 'gone'],
      [second, 'changed'],
    ] as const) {
      note.words = 'mine';
      expect(thrownBy(() => session.flush()))
        .to.be.instanceOf(StaleEntityError)
        .and.include({ found });
      session.refresh(note);
    }
  });

  it('counts a row that it writes as it was', () => {
    session.query(User).where({ id: 1 }).update({ age: 36 });

    expect(session.query(User).where({ age: 36 }).update({ age: 36 })).to.equal(2);
  });

  it('changes the entities that it knows with what another has committed meanwhile', () => {
    db.outside.exec('update user set age = 50 where id = 1');

    expect(session.query(User).where({ id: 1 }).update({ age: sql<number>`age + 1` })).to.equal(1);
    expect(ada.age).to.equal(51);
  });

  describe('that the server ends for a deadlock', () => {
    let other: Connection;
    let blocked: Promise<unknown>;

    /** Another holds Bob and more, and waits for Ada, whom the session holds. */
    beforeEach(async () => {
      const { server } = await mysqlPlace();
      other = await server.connect('offthread_orm');
      await other.query('begin');
      await other.query('update address set street = concat(street, "!")');
      for (const id of [2, 3, 4]) await other.query('update user set age = 99 where id = ?', [id]);
      ada.name = 'Grace';
      session.flush();
      blocked = other.query('update user set age = 99 where id = 1');
      await setTimeout(100);
    });
    afterEach(async () => {
      await blocked;
      await other.query('rollback');
      await other.end();
    });
    const collide = () => {
      (session.get(User, 2) as User).name = 'Rob';
      session.flush();
    };

    it('throws the cause, and has the entities as they were after a rollback', () => {
      expect(thrownBy(collide)).to.be.instanceOf(DatabaseError).and.include({ kind: 'deadlock', retryable: true });
      expect(db.isInTransaction(session)).to.equal(false);
      session.rollback();

      expect(ada.name).to.equal('Ada');
      expect(session.get(User, 2)?.name).to.equal('Bob');
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });

    it('writes nothing of what comes after it', () => {
      thrownBy(collide);
      session.add(new User({ name: 'Eve' }));

      expect(thrownBy(() => session.commit())).to.include({ name: 'TransactionLostError', outcome: 'not-committed' });
      session.rollback();
      expect(db.rows("select count(*) from user where name in ('Eve', 'Rob', 'Grace')")).to.deep.equal([[0]]);
    });

    it('is not saved by a savepoint', () => {
      expect(thrownBy(() => session.savepoint(collide))).to.include({ kind: 'deadlock' });
      expect(db.isInTransaction(session)).to.equal(false);
      session.rollback();

      expect(ada.name).to.equal('Ada');
    });
  });

  it('goes on after a lock that did not come, of which only the one statement is undone', () => {
    session.rollback();
    const other = db.open();
    other.run(sql`set innodb_lock_wait_timeout = 0`);
    (session.get(User, 1) as User).age = 37;
    session.flush();
    (other.get(User, 2) as User).age = 26;
    other.flush();
    const refused = thrownBy(() => other.savepoint(() => other.query(User).where({ id: 1 }).update({ age: 99 })));

    expect(refused).to.include({ kind: 'lock-timeout', retryable: true });
    session.commit();
    other.commit();
    expect(db.rows('select age from user where id < 3 order by id')).to.deep.equal([[37], [26]]);
  });
});
