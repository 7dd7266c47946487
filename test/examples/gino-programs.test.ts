import { expect } from 'chai';
import { crud } from '../../examples/programs/gino-crud.js';
import { loaders } from '../../examples/programs/gino-loaders.js';
import { transactions } from '../../examples/programs/gino-transactions.js';
import { transcriptOf } from './transcript.js';

describe('The programs of GINO', () => {
  it('runs the tutorial, statement by statement', () => {
    expect(transcriptOf(crud).log).to.deep.equal([
      'insert into "users" ("nickname") values (?)',
      '-- ID:       1',
      '-- Nickname: fantix',
      'insert into "users" ("nickname") values (?)',
      '-- true',
      'select "id", "nickname" from "users"',
      '-- 2',
      'select "id", "nickname" from "users" where "id" < ?',
      '-- 2',
      'select "id", "nickname" from "users" where "nickname" = ? limit ?',
      '-- 1',
      'select nickname from users where id = ?',
      '-- fantix',
      'select count(*) as "count" from "users"',
      '-- 2',
      'update "users" set "nickname" = ? where "id" = ?',
      'select nickname from users where id = 1',
      '-- daisy',
      `update "users" set "nickname" = 'Founding Member ' || nickname where "id" < ? returning "id", "nickname"`,
      '-- 2 Founding Member daisy',
      'delete from "users" where "id" = ?',
      'select "id", "nickname" from "users" where "id" = ?',
      '-- undefined',
      'delete from "users" where "id" > ? returning "id"',
      '-- 1',
      'insert into "bookings" ("day", "booker", "room") values (?, ?, ?)',
      '-- blue',
    ]);
  });

  it('runs loaders and relationships', () => {
    expect(transcriptOf(loaders).printed).to.deep.equal([
      'Parent of 1 is 1',
      'Parent of 2 is 1',
      'Parent of 3 is 2',
      'Parent 1 has 2, and 0 friends',
      'Parent 2 has 1, and 2 friends',
      'Leaf: 2, Parent: 1',
      'Leaf: 3, Parent: 1',
      'ada 2',
      'eve 3',
    ]);
  });

  it('runs transactions', () => {
    expect(transcriptOf(transactions).printed).to.deep.equal(['1', '1', '2', '1,3,5']);
  });
});
