import { belongsTo, createTables, Entity, hasMany, integer, sql, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: Adjacency List Relationships

export class Node extends Entity('node', {
  id: integer().primaryKey(),
  parentId: integer('parent_id').nullable(),
  data: text(),
}) {
  declare parent: Node | null;
  declare children: Node[];
  static relations = {
    parent: belongsTo(() => Node, 'parentId'),
    children: hasMany(() => Node, 'parentId', { onRemove: 'delete', orphans: 'delete' }),
  };
}

export const tree: Program = (session, print) => {
  createTables(session, [Node]);

  const node = (data: string, ...children: Node[]) => {
    const made = new Node({ data });
    made.children.push(...children);
    return made;
  };
  session.add(node('root', node('child1'), node('child2', node('subchild1'), node('subchild2')), node('child3')));
  session.commit(); // parents before their children, whatever the order they were made in

  // A condition on the parent, where SQLAlchemy takes an alias
  const found = session
    .query(Node)
    .where({ data: 'subchild1', parent: { data: 'child2' } })
    .one();
  print(found.parent?.parent?.data);

  // A whole level is one query: siblings load together
  const show = ({ data, children }: Node, depth = 0) => {
    print(`${'  '.repeat(depth)}${data}`);
    for (const child of children) show(child, depth + 1);
  };
  session.transaction((fresh) => show(fresh.query(Node).where({ parentId: null }).one()));

  // Any depth in one statement: SQL's own recursion, answered with entities
  const all = session.entities(
    Node,
    sql`with recursive below as (
      select * from node where data = ${'child2'}
      union all select node.* from node join below on node.parent_id = below.id)
    select * from below`,
  );
  print(all.map(({ data }) => data).join());

  session.remove(found.parent!);
  session.commit();
  print(session.query(Node).count());
};
