import { expect } from 'chai';
import { columns } from '../../examples/programs/aiopg-columns.js';
import { sa } from '../../examples/programs/aiopg-sa.js';
import { transactions } from '../../examples/programs/aiopg-transactions.js';
import { transcriptOf } from './transcript.js';

describe('The programs of aiopg', () => {
  it('runs sa.py, statement by statement', () => {
    expect(transcriptOf(sa).log).to.deep.equal([
      'insert into "users" ("name", "birthday") values (?, ?)',
      'insert into "users" ("name", "birthday") values (?, ?)',
      'insert into "users" ("name", "birthday") values (?, ?)',
      'insert into "users" ("name", "birthday") values (?, ?)',
      'insert into "users" ("name", "birthday") values (?, ?)',
      'insert into "emails" ("user_id", "email", "private") values (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)',
      'insert into "emails" ("user_id", "email", "private") values (?, ?, ?)',
      'select count(*) as "count" from "users"',
      'select count(*) as "count" from "emails"',
      '-- Population consists of 5 people with 9 emails in total',
      '-- Users with public emails:',
      'select "id", "name", "birthday" from "users" where exists (select 1 as "found" from "emails" as "emails" where "emails"."user_id" = "users"."id" and "emails"."private" = ?) order by "id" asc limit ?',
      '-- Bob',
      '-- Julia',
      '-- Olga',
      '-- Lookup for Julia:',
      'select "id", "user_id", "email", "private" from "emails" where exists (select 1 as "found" from "users" as "user" where "user"."id" = "emails"."user_id" and "user"."name" = ?) order by "id" asc limit ?',
      '-- Julia 1992-03-01 Julia+0@gmail.com true',
      '-- Julia 1992-03-01 Julia+1@gmail.com false',
      '-- Julia 1992-03-01 Julia+2@gmail.com true',
      `select avg(2026 - strftime('%Y', birthday)) as years from users`,
      '-- Average age of population is 34 years',
      'select "name", "birthday", "private" from "users" inner join "emails" on "emails"."user_id" = "users"."id" where "birthday" >= ? and "private" = ?',
      '-- Olga 1994-05-01 false',
    ]);
  });

  it('runs simple_sa_transaction.py', () => {
    expect(transcriptOf(transactions).printed).to.deep.equal([
      '2',
      '0',
      '2',
      '0',
      `The unit 'readOnly' may only read, but it wrote: a new User. Mark the unit with write() instead of read().`,
    ]);
  });

  it('runs types_field_sa.py, default_field_sa.py and named_field_sa.py', () => {
    expect(transcriptOf(columns).printed).to.deep.equal([
      '{"json":null,"numbers":[],"letter":"s","customList":null}',
      '{"json":{"data":123},"numbers":[],"letter":"s","customList":null}',
      '{"json":null,"numbers":[1,3,4],"letter":"s","customList":null}',
      '{"json":null,"numbers":[],"letter":"f","customList":null}',
      '{"json":null,"numbers":[],"letter":"s","customList":["1","test"]}',
      '1 36 test 0 7 false',
    ]);
  });
});
