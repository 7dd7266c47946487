import { expect } from 'chai';
import type { EntityClass, LocalSession } from '../../lib/orm/index.js';
import { Author, SCHEMA as LIBRARY } from './author.js';
import { Book } from './book.js';
import { Category, SCHEMA as TREE } from './category.js';
import * as chain from './chain.js';
import * as chainEnd from './chain-end.js';
import { onEach, type TestDatabase } from './database.js';

const links = Object.fromEntries(
  Object.entries({ ...chain, ...chainEnd }).map(([name, entity]) => [Number(name.slice('Link'.length)), entity]),
);
const CHAIN = Object.values(links)
  .map(
    ({ table }, i, all) =>
      `create table ${table} (id integer primary key, next_id integer references ${all[(i + 1) % 40]?.table} (id));`,
  )
  .join('\n');

onEach('entities that are related in', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const open = (schema: string) => {
    db = make(schema);
    session = db.open();
  };
  afterEach(() => db.close());

  it('a tree load up to the root', () => {
    open(TREE);

    expect((session.get(Category, 6) as Category).path).to.equal('Plants > Trees > Oaks');
    expect((session.get(Category, 1) as Category).parent).to.equal(null);
  });

  it('a tree load down with one statement for each level', () => {
    open(TREE);
    const outline = ({ name, children }: Category): unknown => [name, ...children.map(outline)];
    let found: unknown;
    const sent = db.during(() => (found = session.query(Category).where({ parentId: null }).all().map(outline)));

    expect(found).to.deep.equal([
      ['Plants', ['Trees', ['Oaks']], ['Herbs']],
      ['Tools', ['Saws']],
    ]);
    const below = (places: string) =>
      `select "id", "parent_id", "name" from "category" where "parent_id" in (${places}) order by "id"`;
    expect(sent).to.deep.equal([
      'select "id", "parent_id", "name" from "category" where "parent_id" is null',
      below('?, ?'),
      below('?, ?, ?, ?'),
      below('?'),
    ]);
  });

  it('a tree are stored from the root to the leaves, whatever the order they were added in', () => {
    open(TREE);
    const [leaf, branch, root] = ['leaf', 'branch', 'root'].map((name) => session.add(new Category({ name }))) as [
      Category,
      Category,
      Category,
    ];
    leaf.parent = branch;
    branch.parent = root;
    session.commit();

    expect(db.rows('select id, parent_id, name from category where id > 6')).to.deep.equal([
      [7, null, 'root'],
      [8, 7, 'branch'],
      [9, 8, 'leaf'],
    ]);
    expect(leaf.path).to.equal('root > branch > leaf');
  });

  it('a circle over two files store and load both ways', () => {
    open(LIBRARY);
    const author = session.add(new Author({ name: 'Ursula' }));
    author.books.push(new Book({ title: 'One' }), new Book({ title: 'Two' }));
    session.flush();
    author.bestBook = author.books[1] as Book;
    session.commit();
    expect(db.rows('select name, best_book_id from author')).to.deep.equal([['Ursula', 2]]);

    const other = db.open();
    const best = other.get(Author, 1)?.bestBook as Book;
    expect([best.title, best.author.name]).to.deep.equal(['Two', 'Ursula']);
    expect(best.bestOf).to.deep.equal([best.author]);
    expect(best.author.bestBook).to.equal(best);
    expect(best.author.books.map(({ title }) => title)).to.deep.equal(['One', 'Two']);
  });

  it('a ring of forty over two files store and load all the way round', () => {
    open(CHAIN);
    expect(Object.keys(links)).to.have.length(40);
    interface Link {
      id: number;
      next: Link | null;
      before: Link[];
    }
    const ring = Array.from({ length: 40 }, (_, i) => new (links[i + 1] as new (init: object) => Link)({}));
    for (const [i, link] of ring.entries()) link.next = ring[i + 1] ?? null;
    session.add(ring[0] as never);
    session.flush();
    (ring[39] as Link).next = ring[0] as Link;
    session.commit();

    const first = db.open().get(links[1] as unknown as EntityClass, 1) as unknown as Link;
    let link = first;
    const names: string[] = [];
    do {
      names.push(link.constructor.name);
      expect((link.next as Link).before).to.deep.equal([link]);
      link = link.next as Link;
    } while (link !== first && names.length < 100);
    expect(names).to.deep.equal(Array.from({ length: 40 }, (_, i) => `Link${i + 1}`));
  });
});
