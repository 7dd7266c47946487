import { expect } from 'chai';
import { EntityStateError, type LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('the state of an entity', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const names = () => db.rows('select name from user order by id').flat().join(' ');

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('new: nothing is stored before it is added', () => {
    new User({ name: 'Eve' });

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('added: stored at the flush, and add returns it', () => {
    const eve = new User({ name: 'Eve' });

    expect(db.during(() => expect(session.add(eve)).to.equal(eve))).to.deep.equal([]);
    session.commit();
    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });

  it('added twice: stored once', () => {
    const eve = session.add(new User({ name: 'Eve' }));
    session.add(eve);
    session.flush();
    session.add(eve);
    session.commit();

    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });

  it('changed between add and flush: stored as it is at the flush', () => {
    const eve = session.add(new User({ name: 'Eve' }));
    eve.name = 'Eva';

    expect(db.during(() => session.commit())).to.have.length(1);
    expect(names()).to.equal('Ada Bob Cyd Dee Eva');
  });

  it('added and removed before the flush: nothing is sent, and it can be added again', () => {
    const eve = session.add(new User({ name: 'Eve' }));
    session.remove(eve);
    expect(db.during(() => session.commit())).to.deep.equal([]);

    session.add(eve);
    session.commit();
    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });

  it('removed: deleted at the flush, once', () => {
    const dee = session.get(User, 4) as User;
    session.remove(dee);
    session.remove(dee);

    expect(db.during(() => session.commit())).to.deep.equal(['delete from "user" where "id" = ?']);
    expect(names()).to.equal('Ada Bob Cyd');
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('removed after a change: only deleted', () => {
    const dee = session.get(User, 4) as User;
    dee.name = 'Dora';
    session.remove(dee);

    expect(db.during(() => session.commit())).to.deep.equal(['delete from "user" where "id" = ?']);
  });

  it('removed and added before the flush: kept, and its changes are written', () => {
    const dee = session.get(User, 4) as User;
    session.remove(dee);
    dee.age = 50;
    expect(session.add(dee)).to.equal(dee);

    expect(db.during(() => session.commit())).to.deep.equal(['update "user" set "age" = ? where "id" = ?']);
    expect(session.get(User, 4)).to.equal(dee);
  });

  it('removed: no query finds it any more, before and after the flush', () => {
    const north = session.get(Address, 1) as Address;
    session.remove(north);

    expect(session.get(Address, 1)).to.equal(undefined);
    expect(session.query(Address).all()).to.not.include(north);
    expect((session.get(User, 1) as User).addresses.map(({ street }) => street)).to.deep.equal(['South']);
  });

  const misused: [what: string, use: (session: LocalSession, dee: User) => unknown, message: string][] = [
    [
      'removing what is new',
      (own) => own.remove(new User({ name: 'Eve' })),
      'User is transient, so there is nothing to remove. Remove what this session has loaded or added.',
    ],
    [
      'refreshing what is new',
      (own) => own.refresh(new User({ name: 'Eve' })),
      'User is transient, so there is no row to read. Flush it first.',
    ],
    [
      'refreshing what was added and not flushed',
      (own) => own.refresh(own.add(new User({ name: 'Eve' }))),
      'User is pending, so there is no row to read. Flush it first.',
    ],
    [
      'refreshing what was removed',
      (own, dee) => {
        own.remove(dee);
        own.refresh(dee);
      },
      'User is removed, so there is no row to read. Flush it first.',
    ],
    [
      'adding what was deleted',
      (own, dee) => {
        own.remove(dee);
        own.flush();
        own.add(dee);
      },
      'User is detached: its row was deleted. Make a new one to insert it again.',
    ],
    [
      'removing what was deleted',
      (own, dee) => {
        own.remove(dee);
        own.flush();
        own.remove(dee);
      },
      'User is detached, so there is nothing to remove. Remove what this session has loaded or added.',
    ],
    [
      'adding what is no entity',
      (own) => own.add({ name: 'Eve' } as User),
      'an object (Object) is no entity. Give add() an instance made by new, or loaded by this session.',
    ],
    [
      'adding the copy of an entity',
      (own, dee) => own.add({ ...dee } as User),
      'an object (Object) is no entity. Give add() an instance made by new, or loaded by this session.',
    ],
    [
      'adding nothing',
      (own) => own.add(undefined as never),
      'undefined is no entity. Give add() an instance made by new, or loaded by this session.',
    ],
    [
      'removing nothing',
      (own) => own.remove(undefined as never),
      'undefined is no entity. Give remove() an instance made by new, or loaded by this session.',
    ],
  ];
  for (const [what, use, message] of misused) {
    it(`${what} is an error`, () => {
      expect(thrownBy(() => use(session, session.get(User, 4) as User)))
        .to.be.instanceOf(EntityStateError)
        .and.include({ message, code: 'OFFTHREAD_ENTITY_STATE' });
    });
  }

  for (const verb of ['add', 'remove', 'refresh'] as const) {
    it(`${verb} refuses the entity of another session, loaded or added there`, () => {
      const other = db.open();
      for (const stranger of [other.get(User, 1) as User, other.add(new User({ name: 'Eve' }))]) {
        expect(thrownBy(() => session[verb](stranger)))
          .to.be.instanceOf(EntityStateError)
          .and.include({ message: 'User belongs to another session. Load it in this session by its key.' });
      }
      other.rollback();
    });
  }

  it('what was removed from the session that it was added to is free for another one', () => {
    const other = db.open();
    const eve = other.add(new User({ name: 'Eve' }));
    other.remove(eve);
    session.add(eve);
    session.commit();

    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });
});
