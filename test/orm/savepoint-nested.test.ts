import { expect } from 'chai';
import { type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { SCHEMA, User } from './shop.js';

onEach('savepoints, one inside of the other: a savepoint', (make) => {
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

  it('inside of another one undoes its own work only', () => {
    session.savepoint(() => {
      ada.name = 'Grace';
      undone(() => {
        ada.name = 'Zoe';
        ada.age = 99;
      });
      expect([ada.name, ada.age]).to.deep.equal(['Grace', 36]);
    });
    session.commit();

    expect(names()).to.equal('Grace Bob Cyd Dee');
  });

  it('outside of another one undoes the work of both', () => {
    undone(() => {
      ada.name = 'Grace';
      session.savepoint(() => {
        (session.get(User, 2) as User).name = 'Rob';
      });
    });

    expect([ada.name, session.get(User, 2)?.name]).to.deep.equal(['Ada', 'Bob']);
  });

  it('outside of another one that was undone itself restores the entities as well', () => {
    undone(() => {
      ada.name = 'Grace';
      undone(() => (ada.age = 99));
    });

    expect([ada.name, ada.age]).to.deep.equal(['Ada', 36]);
    expect(session.run(sql<{ name: string }>`select name from user where id = 1`)).to.deep.equal([{ name: 'Ada' }]);
  });

  it('outside of another one that was undone brings back what it had removed', () => {
    const dee = session.get(User, 4) as User;
    undone(() => {
      session.remove(dee);
      session.flush();
      undone(() => {});
      expect(session.get(User, 4)).to.equal(undefined);
      expect(() => session.add(dee)).to.throw('User is detached');
    });

    expect(session.get(User, 4)).to.equal(dee);
  });

  it('that was undone does not hide from a later rollback what was written before it', () => {
    ada.name = 'Grace';
    undone(() => (ada.age = 99));
    session.rollback();

    expect([ada.name, ada.age]).to.deep.equal(['Ada', 36]);
  });

  it('leaves a row to the entity that has taken it, also after it was undone', () => {
    const dee = session.get(User, 4) as User;
    session.remove(dee);
    session.flush();
    const dora = session.add(new User({ id: 4, name: 'Dora' }));
    session.flush();
    undone(() => {});

    expect(session.get(User, 4)).to.equal(dora);
    expect(() => session.add(dee)).to.throw('User is detached');
    dora.age = 50;
    session.commit();
    expect(db.rows('select name, age from user where id = 4')).to.deep.equal([['Dora', 50]]);
  });
});
