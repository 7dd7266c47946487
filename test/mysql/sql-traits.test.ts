import { expect } from 'chai';
import { type SqlTraits, traitsOf } from '../../lib/connection/mysql/sql-traits.js';

const told = (sql: string) => {
  const traits = traitsOf(sql);
  return (Object.keys(traits) as (keyof SqlTraits)[]).filter((name) => traits[name]).join(' ');
};

describe("what a MySQL statement's text tells of it", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    reads: [
      'select 1',
      '(select 1) union (select 2)',
      ' /* c */ -- d\n# e\nselect 1',
      'with a as (select 1) select * from a',
      'values (1)',
      'table t',
      'show tables',
      'explain delete from t',
      'explain insert into t (a) values (1)',
      'describe t',
      "select 'for update'",
      'select `for update`, "into outfile"',
      "select 'it''s', 'a\\' for update' -- for update",
      "select count(*), (1 + 2) * (3), concat('f(1)', `g`) from t where a in (1, 2) and (b or not(c)) /* f(1) */",
      "select cast(a as decimal(10, 2)), row_number() over (order by b) from json_table('[]', '$[*]' columns (b int path '$')) t",
    ],
    '': [
      'insert into t values (1)',
      'replace into t values (1)',
      'update t set a = 1',
      'delete from t',
      'select * from t for update',
      'select * from t lock in share mode',
      "select 1 into outfile 'x'",
      'with a as (select 1) update t set a = 1',
      'select nextval(s)',
      "insert into t values ('returning')",
    ],
    'marks compounds': [
      'call p()',
      'CALL p',
      'if 1 then insert into t values (1); end if',
      'again: loop leave again; end loop',
      "execute immediate 'call p()'",
    ],
    'reads calls': [
      'select f(1)',
      'explain analyze select f(1)',
      'select mine . f (1)',
      'select `f`(1)',
      'select "f" /* with ANSI_QUOTES */ (1)',
      'select * from t where a = größe(a)',
      'with a (b) as (select 1) select b from a',
    ],
    returns: ['insert into t values (1) returning a', 'delete from t returning `returning`'],
    'reads marks': ['select 1 into @a', 'select @a := 1', "select get_lock('a', 1)"],
    marks: [
      'set @a = 1',
      'do sleep(1)',
      'create temporary table a (b int)',
      'create or replace temporary table a (b int)',
      'drop temporary table a',
      'use other',
      '/*! create table a (b int) */',
      'handler t open',
      'kill 5',
      'insert into t values (@a := 1)',
    ],
    commits: ['create table a (b int)', 'alter table a add b int', 'drop table a', 'truncate a', 'analyze table a'],
    'marks controls': [
      'begin',
      'START TRANSACTION',
      'commit',
      'rollback',
      'savepoint a',
      'release savepoint a',
      "xa start 'a'",
      'lock tables a read',
      'unlock tables',
      'set autocommit = 0',
      'set @@session.autocommit = 0',
      'set session autocommit = 1',
    ],
  };
  for (const [traits, statements] of Object.entries(cases))
    for (const sql of statements)
      it(`${JSON.stringify(sql)} ${traits === '' ? 'writes' : traits}`, () => expect(told(sql)).to.equal(traits));

  it('is told of a text of any length', () => {
    expect(told(`select '${'x'.repeat(2e7)}'`)).to.equal('reads');
    expect(told(`select '${"it''s".repeat(1e5)}' for update`)).to.equal('');
    expect(told(`select '${'x'.repeat(1e5)}`)).to.equal('reads');
    expect(told(`select ${'x'.repeat(1e5)} from t where a in ${'('.repeat(1e5)}`)).to.equal('reads');
    expect(told(`select f${' '.repeat(1e5)}(1)`)).to.equal('reads calls');
  });
});
