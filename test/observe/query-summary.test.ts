import { expect } from 'chai';
import { summarize } from '../../lib/otel/query-summary.js';
import { queryTextOf } from '../../lib/otel/query-text.js';

describe('the summary of a query', () => {
  for (const [sql, summary] of [
    // OpenTelemetry's own examples.
    ['SELECT *\nFROM   wuser_table\nWHERE  username = ?', 'SELECT wuser_table'],
    [
      'INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders WHERE order_id = ?',
      'INSERT shipping_details SELECT orders',
    ],
    ['SELECT * FROM songs, artists WHERE songs.artist_id == artists.id', 'SELECT songs artists'],
    [
      'SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)',
      'SELECT SELECT orders customers',
    ],
    ['SELECT * FROM "song list", \'artists\'', 'SELECT "song list" \'artists\''],
    // As Kysely and the session write them.
    ['select "id", "name" from "author" where "id" = ?', 'select "author"'],
    ['select `a`.`id` from `author` as `a`, `book` as `b` where `b`.`x` in (?, ?)', 'select `author` `book`'],
    ['update "author" set "name" = ? where "id" = ?', 'update "author"'],
    ['delete from author where id in (select author_id from book)', 'delete author select book'],
    ['insert or replace into author (id) values (?) on conflict (id) do update set id = 1', 'insert author'],
    ['insert into author values (?) on duplicate key update name = values(name)', 'insert author'],
    ['update or rollback author set name = replace(name, ?, ?)', 'update author'],
    ['replace into main.author values (?)', 'replace main.author'],
    ['with recent as (select * from book) select * from recent', 'select book select recent'],
    ['select * from author for update', 'select author'],
    ['select extract(year from born), substring(name from 2) from author left join book on true', 'select author book'],
    ['-- who\nselect /* from nowhere */ 1', 'select'],
    ['create table if not exists author (id int references book on delete cascade)', 'create table author'],
    ['create unique index author_name on author (name)', 'create index author_name'],
    ['drop table author', 'drop table author'],
    ['pragma user_version', 'pragma user_version'],
    ['call rebuild(?)', 'call rebuild'],
    ['vacuum', 'vacuum'],
    ['select * from größe', 'select größe'],
    ['', ''],
  ] as const) {
    it(`${sql.replaceAll('\n', ' ')}`, () => {
      expect(summarize(sql)).to.equal(summary);
    });
  }

  it('is cut between names where it would be longer than 255', () => {
    const tables = Array.from({ length: 40 }, (_, i) => `table_number_${i}`);
    const summary = summarize(`select * from ${tables.join(', ')}`);
    expect(summary.length).to.be.within(240, 255);
    expect(`select ${tables.join(' ')} `).to.include(`${summary} `);
  });
});

describe('the text of a query', () => {
  it('is as it was written where values were bound', () => {
    const sql = "select * from author where name = ? and kind = 'poet'";
    expect(queryTextOf(sql, 1, 'sqlite').text).to.equal(sql);
  });

  for (const [system, sql, text] of [
    [
      'sqlite',
      "select 'it''s', x'00ff', 7, -1.5e3, .5, 0x1F, \"a 1\" from t1 where b2 = 'x'",
      'select ?, ?, ?, -?, ?, ?, "a 1" from t1 where b2 = ?',
    ],
    ['sqlite', 'select `it 1`, [it 2], größe3 from t', 'select `it 1`, [it 2], größe3 from t'],
    ['mysql', `select "a \\" b", 'c \\' d', N'e', 1 from \`t 1\``, 'select ?, ?, ?, ? from `t 1`'],
    ['mariadb', `insert into t values ('secret', 12), ("secret", 13)`, 'insert into t values (?, ?), (?, ?)'],
  ] as const) {
    it(`has no literal where nothing was bound (${system}): ${sql}`, () => {
      expect(queryTextOf(sql, 0, system).text).to.equal(text);
    });
  }

  it('is looked at once', () => {
    const sql = 'select * from author where id = ?';
    expect(queryTextOf(sql, 1, 'sqlite')).to.equal(queryTextOf(sql, 1, 'sqlite'));
  });
});
