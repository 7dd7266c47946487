import { expect } from 'chai';
import { hooks } from '../../examples/programs/hooks.js';
import { loading } from '../../examples/programs/loading.js';
import { locks } from '../../examples/programs/locks.js';
import { transcriptOf } from './transcript.js';

describe('The programs of the page about the ORM', () => {
  it('runs hooks', () => {
    expect(transcriptOf(hooks).printed).to.deep.equal([
      'on-small-things 3 1',
      'true',
      'on-large-things 2',
      'an article has a title',
      'On large things',
      `Article.price takes a decimal such as '19.99' of 8 digits, 2 after the point, not '1234567.89'.`,
      '9.50',
    ]);
  });

  it('runs loading, statement by statement', () => {
    expect(transcriptOf(loading).log).to.deep.equal([
      'insert into "shop" ("name") values (?)',
      'insert into "shop" ("name") values (?)',
      'insert into "shop" ("name") values (?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "order" ("shop_id", "note") values (?, ?)',
      'insert into "line" ("order_id", "what") values (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?)',
      'insert into "line" ("order_id", "what") values (?, ?)',
      'insert into "line" ("order_id", "what") values (?, ?)',
      'insert into "line" ("order_id", "what") values (?, ?)',
      'insert into "line" ("order_id", "what") values (?, ?)',
      'select "id", "name" from "shop"',
      'select "id", "shop_id", "note" from "order" where "shop_id" in (?, ?, ?, ?) order by "id" desc, "id"',
      '-- north 2,1',
      '-- south 4,3',
      '-- west 6,5',
      'select "id", "name" from "shop"',
      'select "id", "shop_id", "note" from "order" where "shop_id" in (?, ?, ?, ?) order by "id" desc, "id"',
      'select "id", "order_id", "what" from "line" where "order_id" in (?, ?, ?, ?, ?, ?, ?, ?) order by "id"',
      '-- 12',
      'select "id", "shop_id", "note" from "order" where "id" = ?',
      `-- Order.lines is not loaded, and is not to be loaded by a touch. Load it ahead: session.query(Order).with('lines').`,
      'select "id", "name" from "shop" limit ?',
      `-- Shop.orders is not loaded, and is not to be loaded by a touch. Load it ahead: session.query(Shop).with('orders').`,
      'select "id", "name" from "shop" where "name" = ? limit ?',
      'select "id", "shop_id", "note" from "order" where "shop_id" in (?) order by "id" desc, "id"',
      '-- {"label":"SOUTH","orders":[{"id":4},{"id":3}]}',
      'select "id", "order_id", "what" from "line" where "what" = ? order by "id" asc limit ?',
      'update "line" set "what" = ? where "id" = ?',
      'update "line" set "what" = ? where "id" = ?',
      'update "line" set "what" = ? where "id" = ?',
      'update "line" set "what" = ? where "id" = ?',
      'update "line" set "what" = ? where "id" = ?',
      'update "line" set "what" = ? where "id" = ?',
      'select count(*) as "count" from "line" where "what" like ?',
      '-- 6',
    ]);
  });

  it('runs locks, statement by statement', () => {
    expect(transcriptOf(locks).log).to.deep.equal([
      'insert into "account" ("balance") values (?)',
      'insert into "account" ("balance") values (?)',
      'select "id", "balance" from "account" where "id" = ?',
      'select "id", "balance" from "account" where "id" = ?',
      'update "account" set "balance" = ? where "id" = ?',
      'update "account" set "balance" = ? where "id" = ?',
      'select "id", "balance" from "account"',
      '-- 70,30',
      'update "account" set "balance" = balance - 50 where "id" = ? and "balance" >= ? returning "id", "balance"',
      '-- 1 20',
    ]);
  });
});
