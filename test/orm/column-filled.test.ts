import { expect } from 'chai';
import {
  createTables,
  Entity,
  integer,
  type LocalSession,
  StaleEntityError,
  sql,
  text,
  timestamp,
} from '../../lib/orm/index.js';
import { type Dialect, onEach, type TestDatabase } from './database.js';

let clock = 0;
const now = () => new Date(++clock);

class Note extends Entity('note', {
  id: integer().primaryKey(),
  words: text(),
  kind: text().default(sql`'draft'`),
  length: integer().generated(sql`length(words)`),
  madeAt: timestamp('made_at').default(now),
  changedAt: timestamp('changed_at').onUpdate(now),
  version: integer().version(),
}) {}

const INSERT = 'insert into "note" ("words", "made_at", "changed_at", "version") values (?, ?, ?, ?)';
const RETURNED: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [`${INSERT} returning "id", "kind", "length"`],
  mysql: [INSERT, 'select "kind", "length", "id" from "note" where "id" in (?)'],
};

onEach('a column that is not filled in by the program', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let note: Note;

  beforeEach(() => {
    clock = 0;
    db = make('');
    session = db.open();
    createTables(session, [Note]);
    note = session.add(new Note({ words: 'one' }));
    session.commit();
  });
  afterEach(() => db.close());

  it('comes back from the insert: a default of the database, a generated value, the first version', () => {
    expect({ ...note }).to.deep.equal({
      id: 1,
      words: 'one',
      kind: 'draft',
      length: 3,
      madeAt: new Date(1),
      changedAt: new Date(2),
      version: 1,
    });
    expect(db.during(() => session.commit())).to.deep.equal([]);
    expect(
      db.during(() => {
        session.add(new Note({ words: 'two' }));
        session.commit();
      }),
    ).to.deep.equal(RETURNED[dialect]);
  });

  it('is written where it is given', () => {
    const at = new Date(99);
    session.add(new Note({ words: 'two', kind: 'letter', madeAt: at, changedAt: at, version: 5 }));
    session.commit();

    const { kind, madeAt, changedAt, version } = db.open().get(Note, 2) as Note;
    expect([kind, madeAt, changedAt, version]).to.deep.equal(['letter', at, at, 5]);
  });

  it('is written anew by an update, and only then', () => {
    note.words = 'three';
    const statements = db.during(() => session.commit());

    expect(statements[0]).to.equal(
      'update "note" set "words" = ?, "changed_at" = ?, "version" = ? where "id" = ? and "version" = ?',
    );
    expect({ ...note }).to.deep.equal({
      id: 1,
      words: 'three',
      kind: 'draft',
      length: 5,
      madeAt: new Date(1),
      changedAt: new Date(3),
      version: 2,
    });
    expect({ ...db.open().get(Note, 1) }).to.deep.equal({ ...note });
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('loses no update where two sessions change the same row', () => {
    const other = db.open();
    (other.get(Note, 1) as Note).words = 'theirs';
    other.commit();
    note.words = 'ours';

    expect(() => session.commit()).to.throw(StaleEntityError, 'The row of Note 1 has changed since it was loaded');
    session.rollback();
    expect([note.words, note.version]).to.deep.equal(['theirs', 2]);
  });

  it('has the same after a failed flush as before', () => {
    session.rollback();
    const bad = session.add(new Note({ words: 5 as never }));
    expect(() => session.flush()).to.throw(TypeError, 'Note.words takes a string, not 5.');
    session.rollback();

    expect([bad.id, bad.kind, bad.length]).to.deep.equal([undefined, undefined, undefined]);
  });
});
