import { belongsTo, createTables, Entity, hasMany, hasOne, integer, manyToMany, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: Basic Relationship Patterns

// One to many, and many to one: one key, seen from its two sides.
export class Parent extends Entity('parent', { id: integer().primaryKey(), name: text() }) {
  declare children: Child[];
  declare passport: Passport | null;
  declare clubs: Club[];
  declare memberships: Membership[];
  static relations = {
    children: hasMany(() => Child, 'parentId', { orderBy: 'name' }),
    // One to one
    passport: hasOne(() => Passport, 'parentId'),
    // Many to many, with the association object as the table between
    clubs: manyToMany(() => Club, { through: () => Membership, from: 'parentId', to: 'clubId' }),
    memberships: hasMany(() => Membership, 'parentId'),
  };
}
export class Child extends Entity('child', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer('parent_id').nullable(),
}) {
  declare parent: Parent | null;
  declare toys: Toy[];
  static relations = {
    parent: belongsTo(() => Parent, 'parentId'),
    // Many to many, with a table that nobody else needs
    toys: manyToMany(() => Toy, { through: 'child_toy', from: 'child_id', to: 'toy_id' }),
  };
}
export class Toy extends Entity('toy', { id: integer().primaryKey(), name: text() }) {
  declare children: Child[];
  static relations = { children: manyToMany(() => Child, { through: 'child_toy', from: 'toy_id', to: 'child_id' }) };
}
export class Passport extends Entity('passport', {
  id: integer().primaryKey(),
  country: text(),
  parentId: integer('parent_id').nullable(),
}) {
  declare parent: Parent | null;
  static relations = { parent: belongsTo(() => Parent, 'parentId') };
}
export class Club extends Entity('club', { id: integer().primaryKey(), name: text() }) {}
export class Membership extends Entity('membership', {
  parentId: integer('parent_id').primaryKey(),
  clubId: integer('club_id').primaryKey(),
  role: text().default('member'),
}) {
  declare club: Club;
  static relations = { club: belongsTo(() => Club, 'clubId') };
}

export const relations: Program = (session, print) => {
  createTables(session, [Parent, Child, Toy, Passport, Club, Membership]);

  const ann = session.add(new Parent({ name: 'Ann' }));
  const tim = new Child({ name: 'Tim' });
  ann.children.push(tim);
  print(tim.parent?.name); // the other side is in step at once

  const bob = session.add(new Parent({ name: 'Bob' }));
  session.flush();
  tim.parent = bob; // a move is one update
  session.flush();
  print(ann.children.length, bob.children.map(({ name }) => name).join());

  ann.passport = new Passport({ country: 'Iceland' });
  session.flush();
  print(ann.passport.parent?.name);

  const ball = new Toy({ name: 'ball' });
  tim.toys.push(ball, new Toy({ name: 'kite' }));
  print(ball.children.map(({ name }) => name).join());
  session.flush();
  tim.toys.pop();
  session.flush();

  // The association object: pushed through, or made with what it says more
  const chess = session.add(new Club({ name: 'chess' }));
  ann.clubs.push(chess);
  session.flush();
  const choir = session.add(new Club({ name: 'choir' }));
  session.flush();
  session.add(new Membership({ parentId: bob.id, clubId: choir.id, role: 'conductor' }));
  session.commit();

  for (const { name, memberships } of session.query(Parent).all())
    print(name, memberships.map(({ club, role }) => `${club.name} as ${role}`).join());

  // A condition through relations is an EXISTS
  print(
    session
      .query(Parent)
      .where({ children: { toys: { name: 'ball' } } })
      .one().name,
  );
  print(session.query(Parent).where({ children: null }).one().name);
};
