import { belongsTo, createTables, Entity, hasMany, integer, manyToMany, sql, text, timestamp } from 'offthread/orm';
import type { Program } from './program.js';

// GINO: Loaders and Relationship

export class Parent extends Entity('parents', { id: integer().primaryKey() }) {
  declare children: Child[];
  declare friends: Child[];
  static relations = {
    children: hasMany(() => Child, 'parentId'),
    friends: manyToMany(() => Child, { through: 'parents_x_children', from: 'parent_id', to: 'child_id' }),
  };
}
export class Child extends Entity('children', {
  id: integer().primaryKey(),
  parentId: integer('parent_id').nullable(),
}) {
  declare parent: Parent | null;
  static relations = { parent: belongsTo(() => Parent, 'parentId') };
}
export class Category extends Entity('categories', {
  id: integer().primaryKey(),
  parentId: integer('parent_id').nullable(),
}) {
  declare parent: Category | null;
  declare children: Category[];
  static relations = {
    parent: belongsTo(() => Category, 'parentId'),
    children: hasMany(() => Category, 'parentId'),
  };
}
export class User extends Entity('users', { id: integer().primaryKey(), name: text() }) {
  declare visits: Visit[];
  static relations = { visits: hasMany(() => Visit, 'userId') };
}
export class Visit extends Entity('visits', {
  id: integer().primaryKey(),
  time: timestamp().default(() => new Date()),
  userId: integer('user_id').references('users'),
}) {}

export const loaders: Program = (session, print) => {
  createTables(session, [Parent, Child, Category, User, Visit]);
  const one = session.add(new Parent({}));
  const two = session.add(new Parent({}));
  one.children.push(new Child({}), new Child({}));
  two.children.push(new Child({}));
  two.friends.push(...one.children);
  session.add(new Category({})).children.push(new Category({}), new Category({}));
  for (const [name, visits] of Object.entries({ ada: 2, eve: 3 })) {
    const user = session.add(new User({ name }));
    for (let i = 0; i < visits; i++) user.visits.push(new Visit({}));
  }
  session.commit();

  // Many to one: Child.load(parent=Parent)
  session.transaction((session) => {
    for (const child of session.query(Child).with('parent').iterate())
      print(`Parent of ${child.id} is ${child.parent?.id}`);
  });

  // One to many: Parent.distinct(Parent.id).load(add_child=Child), and many to many
  session.transaction((session) => {
    for (const { id, children, friends } of session.query(Parent).all())
      print(`Parent ${id} has ${children.length}, and ${friends.length} friends`);
  });

  // Self referencing: the leaves, by a NOT EXISTS
  session.transaction((session) => {
    for (const leaf of session.query(Category).where({ children: null }))
      print(`Leaf: ${leaf.id}, Parent: ${leaf.parent?.id}`);
  });

  // A tuple loader with a count: rows of SQL, since they are no entities
  const visits = session.run(sql<{ name: string; visits: number }>`
    select name, count(visits.id) as visits from users left join visits on users.id = user_id group by users.id`);
  for (const { name, visits: count } of visits) print(name, count);
};
