import { expect } from 'chai';
import { cascades } from '../../examples/programs/sqlalchemy-cascades.js';
import { queries } from '../../examples/programs/sqlalchemy-queries.js';
import { quickStart } from '../../examples/programs/sqlalchemy-quick-start.js';
import { relations } from '../../examples/programs/sqlalchemy-relations.js';
import { savepoints } from '../../examples/programs/sqlalchemy-savepoints.js';
import { states } from '../../examples/programs/sqlalchemy-states.js';
import { tree } from '../../examples/programs/sqlalchemy-tree.js';
import { unitOfWork } from '../../examples/programs/sqlalchemy-unit-of-work.js';
import { versions } from '../../examples/programs/sqlalchemy-versions.js';
import { transcriptOf } from './transcript.js';

describe('The programs of SQLAlchemy', () => {
  it('runs the ORM quick start, statement by statement', () => {
    expect(transcriptOf(quickStart).log).to.deep.equal([
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'select "id", "name", "fullname" from "user_account" where "name" in (?, ?) order by "id" asc limit ?',
      '-- User(id=1, name=spongebob, fullname=Spongebob Squarepants)',
      '-- User(id=2, name=sandy, fullname=Sandy Cheeks)',
      'select "id", "email_address", "user_id" from "address" where exists (select 1 as "found" from "user_account" as "user" where "user"."id" = "address"."user_id" and "user"."name" = ?) and "email_address" = ? limit ?',
      '-- Address(id=2, emailAddress=sandy@sqlalchemy.org)',
      'select "id", "name", "fullname" from "user_account" where "name" = ? limit ?',
      'select "id", "email_address", "user_id" from "address" where "user_id" in (?) order by "id"',
      'update "address" set "email_address" = ? where "id" = ?',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'delete from "address" where "id" = ?',
      'delete from "address" where "id" = ?',
      'delete from "user_account" where "id" = ?',
      'select "id", "name", "fullname" from "user_account" order by "id" asc limit ?',
      '-- spongebob Address(id=1, emailAddress=spongebob@sqlalchemy.org)',
      '-- sandy Address(id=3, emailAddress=sandy@squirrelpower.org)',
    ]);
  });

  it('runs data manipulation with the ORM, statement by statement', () => {
    expect(transcriptOf(unitOfWork).log).to.deep.equal([
      `insert into user_account (name, fullname) values
    ('spongebob', 'Spongebob Squarepants'), ('sandy', 'Sandy Cheeks'), ('patrick', 'Patrick Star')`,
      '-- User(id=undefined, name=squidward, fullname=Squidward Tentacles)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      '-- 4 5',
      '-- true',
      'select "id", "name", "fullname" from "user_account" where "name" = ? limit ?',
      'update "user_account" set "fullname" = ? where "id" = ?',
      'select count(*) as "count" from "user_account" where "fullname" = ?',
      '-- 1',
      'select "id", "name", "fullname" from "user_account" where "id" = ?',
      'select "id", "email_address", "user_id" from "address" where "user_id" in (?) order by "id"',
      'delete from "user_account" where "id" = ?',
      'select "id", "name", "fullname" from "user_account" where "name" = ? limit ?',
      '-- undefined',
      'select "id", "name", "fullname" from "user_account" where "id" in (?, ?, ?, ?) order by "id"',
      '-- Sandy Cheeks',
      '-- true',
      'update "user_account" set "fullname" = upper(name) where "name" in (?, ?) returning "id", "name", "fullname"',
      '-- 2',
      '-- SANDY',
      'delete from "user_account" where "fullname" like ? returning "id"',
      '-- 3',
    ]);
  });

  it('runs basic relationship patterns', () => {
    expect(transcriptOf(relations).printed).to.deep.equal([
      'Ann',
      '0 Tim',
      'Ann',
      'Tim',
      'Ann chess as member',
      'Bob choir as conductor',
      'Bob',
      'Ann',
    ]);
  });

  it('runs adjacency lists, statement by statement', () => {
    expect(transcriptOf(tree).log).to.deep.equal([
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'insert into "node" ("parent_id", "data") values (?, ?)',
      'select "id", "parent_id", "data" from "node" where "data" = ? and exists (select 1 as "found" from "node" as "parent" where "parent"."id" = "node"."parent_id" and "parent"."data" = ?) limit ?',
      '-- root',
      'select "id", "parent_id", "data" from "node" where "parent_id" is null limit ?',
      'select "id", "parent_id", "data" from "node" where "parent_id" in (?) order by "id"',
      '-- root',
      'select "id", "parent_id", "data" from "node" where "parent_id" in (?, ?, ?, ?) order by "id"',
      '--   child1',
      '--   child2',
      'select "id", "parent_id", "data" from "node" where "parent_id" in (?, ?) order by "id"',
      '--     subchild1',
      '--     subchild2',
      '--   child3',
      `with recursive below as (
      select * from node where data = ?
      union all select node.* from node join below on node.parent_id = below.id)
    select * from below`,
      '-- child2,subchild1,subchild2',
      'delete from "node" where "id" = ?',
      'delete from "node" where "id" = ?',
      'delete from "node" where "id" = ?',
      'select count(*) as "count" from "node"',
      '-- 3',
    ]);
  });

  it('runs cascades', () => {
    expect(transcriptOf(cascades).printed).to.deep.equal([
      '1,2,1,1,1',
      '1,1,1,1,1',
      `User 1 cannot be removed: there is something in User.notes. Remove or move its notes first, or declare the relation with onRemove: 'delete' or 'nullify'.`,
      '0,0,1,1,0',
      'null',
    ]);
  });

  it('runs state management', () => {
    expect(transcriptOf(states).printed).to.deep.equal([
      'User is transient, so there is no row to read. Flush it first.',
      'true',
      'ed',
      'User is detached: its row was deleted. Make a new one to insert it again.',
      'User belongs to another session. Load it in this session by its key.',
      'true User(id=1, name=Ed, fullname=Ed Jones)',
    ]);
  });

  it('runs a version counter, statement by statement', () => {
    expect(transcriptOf(versions).log).to.deep.equal([
      'insert into "user" ("version_id", "name") values (?, ?)',
      '-- 1',
      'update "user" set "name" = ?, "version_id" = ? where "id" = ? and "version_id" = ?',
      '-- 2',
      `update user set name = 'eddie', version_id = version_id + 1`,
      'update "user" set "name" = ?, "version_id" = ? where "id" = ? and "version_id" = ?',
      'select "id", "version_id", "name" from "user" where "id" = ?',
      '-- The row of User 1 has changed since it was loaded, so it could not be written. Another transaction wrote it: load it again and decide.',
      'select "id", "version_id", "name" from "user" where "id" in (?) order by "id"',
      'select "id", "version_id", "name" from "user" where "id" in (?) order by "id"',
      '-- eddie 3',
      'update "user" set "name" = ?, "version_id" = "version_id" + 1 returning "id", "version_id", "name"',
      '-- Ned 4',
      '-- StaleEntityError',
    ]);
  });

  it('runs queries, statement by statement', () => {
    expect(transcriptOf(queries).log).to.deep.equal([
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "user_account" ("name", "fullname") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'insert into "address" ("email_address", "user_id") values (?, ?)',
      'select "id", "name", "fullname" from "user_account" where "name" like ? order by "name" desc',
      '-- spongebob,sandy',
      'select "id", "name", "fullname" from "user_account" where "id" not in (?, ?) and "fullname" is null limit ?',
      '-- patrick',
      'select "id", "name", "fullname" from "user_account" where ("name" = ? or "id" > ?)',
      '-- sandy,ehkrabs',
      'select "id", "name", "fullname" from "user_account" where exists (select 1 as "found" from "address" as "addresses" where "addresses"."user_id" = "user_account"."id")',
      '-- spongebob,sandy,ehkrabs',
      'select "id", "name", "fullname" from "user_account" where not exists (select 1 as "found" from "address" as "addresses" where "addresses"."user_id" = "user_account"."id")',
      '-- patrick',
      'select "id", "name", "fullname" from "user_account" where exists (select 1 as "found" from "address" as "addresses" where "addresses"."user_id" = "user_account"."id" and "addresses"."email_address" like ?)',
      '-- sandy',
      'select "id", "name", "fullname" from "user_account" where "name" = ? limit ?',
      'select count(*) as "count" from "address" where "user_id" = ?',
      '-- 2',
      'select 1 as "found" from "address" where exists (select 1 as "found" from "user_account" as "user" where "user"."id" = "address"."user_id" and "user"."name" = ?) limit ?',
      '-- false',
      'select "name", count("address"."id") as "addresses" from "user_account" left join "address" on "address"."user_id" = "user_account"."id" group by "user_account"."id"',
      '-- spongebob 1',
      '-- sandy 2',
      '-- patrick 0',
      '-- ehkrabs 1',
      'select * from "user_account" order by (select count(*) from address where user_id = user_account.id) desc limit ?',
      '-- true',
    ]);
  });

  it('runs savepoints, statement by statement', () => {
    expect(transcriptOf(savepoints).log).to.deep.equal([
      'insert into "record" ("name") values (?)',
      'insert into "record" ("name") values (?)',
      'insert into "record" ("name") values (?)',
      'select "id", "name" from "record" where "id" in (?, ?) order by "id"',
      '-- Skipped record u2',
      'insert into "record" ("name") values (?)',
      'insert into "record" ("name") values (?)',
      'select "id", "name" from "record" where "id" in (?, ?, ?, ?) order by "id"',
      '-- Skipped record u1',
      'insert into "record" ("name") values (?)',
      'select "id", "name" from "record" order by "id" asc',
      '-- u1,u2,u3,u4',
      'select "id", "name" from "record" where "name" = ? limit ?',
      'update "record" set "name" = ? where "id" = ?',
      'select "id", "name" from "record" where "id" in (?, ?, ?, ?) order by "id"',
      '-- not this one u4',
    ]);
  });
});
