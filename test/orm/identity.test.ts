import { expect } from 'chai';
import { type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('one row, one object', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('by get, by a query and by relations of both kinds', () => {
    const ada = session.get(User, 1) as User;
    const north = session.get(Address, 1) as Address;

    expect(session.query(User).where({ name: 'Ada' }).one()).to.equal(ada);
    expect(session.query(User).orderBy('id').first()).to.equal(ada);
    expect([...session.query(User).orderBy('id')][0]).to.equal(ada);
    expect(north.user).to.equal(ada);
    expect(ada.addresses[0]).to.equal(north);
    expect(session.query(Address).with('user').where({ id: 2 }).one().user).to.equal(ada);
  });

  it('whichever comes first', () => {
    const south = session.query(Address).where({ street: 'South' }).one();
    const ada = south.user as User;

    expect(session.get(User, 1)).to.equal(ada);
    expect(ada.addresses).to.include(south);
  });

  it('for an entity that was added, from its flush on', () => {
    const eve = session.add(new User({ name: 'Eve' }));

    expect(session.query(User).where({ name: 'Eve' }).one()).to.equal(eve);
    expect(session.get(User, eve.id)).to.equal(eve);
  });

  it('for an entity that was added with its key, also by get', () => {
    const eve = session.add(new User({ id: 70, name: 'Eve' }));

    expect(session.get(User, 70)).to.equal(eve);
  });

  it('so that get of a known key needs no statement', () => {
    session.query(User).all();

    expect(db.during(() => [1, 2, 3, 4].map((id) => session.get(User, id)))).to.deep.equal([]);
  });

  it('and get of an unknown key asks each time, with undefined for an answer', () => {
    const sent = db.during(() => {
      expect(session.get(User, 9)).to.equal(undefined);
      expect(session.get(User, 9)).to.equal(undefined);
    });

    expect(sent).to.deep.equal(new Array(2).fill('select "id", "name", "email", "age" from "user" where "id" = ?'));
  });

  it('but another object in another session, and in a transaction', () => {
    const ada = session.get(User, 1);

    expect(db.open().get(User, 1)).to.not.equal(ada);
    session.transaction((own) => {
      expect(own.get(User, 1)?.name).to.equal('Ada');
      expect(own.get(User, 1)).to.not.equal(ada);
    });
  });

  it('so that a query does not overwrite what was changed and not saved', () => {
    const ada = session.get(User, 1) as User;
    ada.name = 'Grace';
    ada.age = 37;

    const users = session.query(User).orderBy('id').all();
    expect(users[0]).to.equal(ada);
    expect([ada.name, ada.age, ada.email]).to.deep.equal(['Grace', 37, 'ada@example.org']);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);
    session.commit();
    expect(db.rows('select name, age from user where id = 1')).to.deep.equal([['Grace', 37]]);
  });

  it('and a query sees what was changed, added and removed before it', () => {
    (session.get(User, 1) as User).name = 'Grace';
    session.add(new User({ name: 'Eve' }));
    session.remove(session.query(User).where({ name: 'Dee' }).one());

    expect(
      session
        .query(User)
        .where({ name: ['Ada', 'Grace', 'Eve', 'Dee'] })
        .count(),
    ).to.equal(2);
    expect(
      session
        .query(User)
        .orderBy('name')
        .all()
        .map(({ name }) => name),
    ).to.deep.equal(['Bob', 'Cyd', 'Eve', 'Grace']);
    expect(session.run(sql<{ name: string }>`select name from user where id in (1, 4)`)).to.deep.equal([
      { name: 'Grace' },
    ]);
  });

  it('that stays as it is when another connection changes the row, until refresh reads it again', () => {
    const ada = session.get(User, 1) as User;
    db.outside.exec("update user set name = 'Grace' where id = 1");

    expect(session.query(User).where({ id: 1 }).one().name).to.equal('Ada');
    ada.age = 99;
    session.refresh(ada);
    expect([ada.name, ada.age]).to.deep.equal(['Grace', 36]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('and not any more when its row was deleted', () => {
    const dee = session.get(User, 4) as User;
    session.remove(dee);
    expect(session.get(User, 4)).to.equal(undefined);
    session.flush();
    expect(session.get(User, 4)).to.equal(undefined);

    const again = session.add(new User({ id: 4, name: 'Dora' }));
    session.flush();
    expect(session.get(User, 4)).to.equal(again);
  });
});
