import { expect } from 'chai';
import {
  type Compilable,
  DummyDriver,
  type Generated,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';

interface Tables {
  user: { id: Generated<number>; name: string; age: number | null };
  address: { id: Generated<number>; userId: number; street: string };
}

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (connection) => new SqliteIntrospector(connection),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

const users = db.selectFrom('user').selectAll();
const compiled = (query: Compilable) => {
  const { sql: text, parameters } = query.compile();
  return { text, parameters };
};

describe('kysely: compiling', () => {
  it('is synchronous and takes no connection, with a DummyDriver', () => {
    expect(compiled(users.where('id', '=', 7))).to.eql({
      text: 'select * from "user" where "id" = ?',
      parameters: [7],
    });
  });

  it('gives SQL of anonymous placeholders only, each value bound where it stands', () => {
    const query = db.insertInto('user').values([
      { name: 'Ada', age: null },
      { name: 'Bob', age: 3 },
    ]);
    expect(compiled(query)).to.eql({
      text: 'insert into "user" ("name", "age") values (?, ?), (?, ?)',
      parameters: ['Ada', null, 'Bob', 3],
    });
  });

  it('gives the same text for other values, so that text is a key', () => {
    expect(users.where('id', '=', 1).compile().sql).to.equal(users.where('id', '=', 2).compile().sql);
  });

  it('binds limit and offset last, limit first', () => {
    expect(compiled(users.offset(5).limit(10).where('id', '>', 1))).to.eql({
      text: 'select * from "user" where "id" > ? limit ? offset ?',
      parameters: [1, 10, 5],
    });
  });

  it('writes an offset without a limit as it is, which SQLite does not parse', () => {
    expect(compiled(users.offset(5))).to.eql({ text: 'select * from "user" offset ?', parameters: [5] });
  });

  it('binds the parameters of a CTE and a subquery in the order of the text', () => {
    const query = db
      .with('old', (q) => q.selectFrom('user').selectAll().where('age', '>', 90))
      .selectFrom('old')
      .where('id', 'in', (q) => q.selectFrom('address').select('userId').where('street', '=', 'Main'))
      .selectAll()
      .limit(3);
    expect(query.compile().parameters).to.eql([90, 'Main', 3]);
  });

  it('passes values through untouched: objects, dates, booleans and undefined', () => {
    for (const value of [{ id: 1 }, new Date(0), true, undefined]) {
      expect(compiled(users.where('name', '=', value as unknown as string)).parameters).to.eql([value]);
    }
  });

  it('spreads an array that is compared, and binds one that is inserted or set as one value', () => {
    const list = ['a', 'b'] as unknown as string;
    expect(compiled(users.where('name', '=', list))).to.eql({
      text: 'select * from "user" where "name" = (?, ?)',
      parameters: ['a', 'b'],
    });
    expect(compiled(db.insertInto('user').values({ name: list })).parameters).to.eql([['a', 'b']]);
    expect(compiled(db.updateTable('user').set({ name: list })).parameters).to.eql([['a', 'b']]);
  });

  it('writes an empty list as (), which SQLite allows', () => {
    expect(compiled(users.where('id', 'in', [])).text).to.equal('select * from "user" where "id" in ()');
  });

  it('doubles the quotes of an identifier', () => {
    expect(compiled(db.selectFrom('user').select(sql.ref('a"b').as('c'))).text).to.include('"a""b"');
  });
});

describe('kysely: the root node of a query', () => {
  const kind = (query: Compilable) => query.compile().query.kind;

  it('is named after its statement', () => {
    expect(kind(users)).to.equal('SelectQueryNode');
    expect(kind(db.insertInto('user').values({ name: 'Ada' }))).to.equal('InsertQueryNode');
    expect(kind(db.replaceInto('user').values({ name: 'Ada' }))).to.equal('InsertQueryNode');
    expect(kind(db.updateTable('user').set({ age: 1 }))).to.equal('UpdateQueryNode');
    expect(kind(db.deleteFrom('user'))).to.equal('DeleteQueryNode');
    expect(
      kind(db.mergeInto('user').using('address', 'address.userId', 'user.id').whenMatched().thenDelete()),
    ).to.equal('MergeQueryNode');
    expect(kind(db.schema.createTable('user'))).to.equal('CreateTableNode');
    expect(kind(db.schema.alterTable('user').dropColumn('age'))).to.equal('AlterTableNode');
    expect(kind(db.schema.dropTable('user'))).to.equal('DropTableNode');
    expect(kind(db.schema.createIndex('i').on('user').column('age'))).to.equal('CreateIndexNode');
  });

  it('is a SelectQueryNode for a union and for a select after a CTE', () => {
    expect(kind(users.union(users))).to.equal('SelectQueryNode');
    expect(
      kind(
        db
          .with('old', () => users)
          .selectFrom('old')
          .selectAll(),
      ),
    ).to.equal('SelectQueryNode');
  });

  it('is a SelectQueryNode even for a CTE that writes', () => {
    const query = db
      .with('gone', (q) => q.deleteFrom('user').returningAll())
      .selectFrom('gone')
      .selectAll();
    expect(kind(query)).to.equal('SelectQueryNode');
  });

  it('says by `returning` that a write gives rows', () => {
    const insert = db.insertInto('user').values({ name: 'Ada' });
    expect(insert.toOperationNode()).to.not.have.property('returning');
    expect(insert.returning('id').toOperationNode()).to.have.nested.property('returning.kind', 'ReturningNode');
  });

  it('of the sql template is a RawNode, and compile(db) works', () => {
    const raw = sql<{ one: number }>`select ${1} as one`;
    expect(raw.toOperationNode().kind).to.equal('RawNode');
    expect(raw.compile(db)).to.deep.include({ sql: 'select ? as one', parameters: [1] });
    expect(raw.compile(db).query.kind).to.equal('RawNode');
  });

  it('is frozen, and the same for each compile() of one builder, as is the queryId', () => {
    const [first, second] = [users.compile(), users.compile()];
    expect(Object.isFrozen(first) && Object.isFrozen(first.query)).to.equal(true);
    expect(first).to.not.equal(second);
    expect(first.query).to.equal(second.query);
    expect(first.queryId).to.equal(second.queryId);
  });
});
