import { belongsTo, Entity, hasMany, integer } from '../../lib/orm/index.js';
import { Link21, Link40 } from './chain-end.js';

/** Forty entities in a ring over two files: each belongs to the next, and the first stands behind the last. */
const columns = () => ({ id: integer().primaryKey(), nextId: integer('next_id').nullable() });

export class Link1 extends Entity('link1', columns()) {
  declare next: Link2 | null;
  declare before: Link40[];
  static relations = { next: belongsTo(() => Link2, 'nextId'), before: hasMany(() => Link40, 'nextId') };
}
export class Link2 extends Entity('link2', columns()) {
  declare next: Link3 | null;
  declare before: Link1[];
  static relations = { next: belongsTo(() => Link3, 'nextId'), before: hasMany(() => Link1, 'nextId') };
}
export class Link3 extends Entity('link3', columns()) {
  declare next: Link4 | null;
  declare before: Link2[];
  static relations = { next: belongsTo(() => Link4, 'nextId'), before: hasMany(() => Link2, 'nextId') };
}
export class Link4 extends Entity('link4', columns()) {
  declare next: Link5 | null;
  declare before: Link3[];
  static relations = { next: belongsTo(() => Link5, 'nextId'), before: hasMany(() => Link3, 'nextId') };
}
export class Link5 extends Entity('link5', columns()) {
  declare next: Link6 | null;
  declare before: Link4[];
  static relations = { next: belongsTo(() => Link6, 'nextId'), before: hasMany(() => Link4, 'nextId') };
}
export class Link6 extends Entity('link6', columns()) {
  declare next: Link7 | null;
  declare before: Link5[];
  static relations = { next: belongsTo(() => Link7, 'nextId'), before: hasMany(() => Link5, 'nextId') };
}
export class Link7 extends Entity('link7', columns()) {
  declare next: Link8 | null;
  declare before: Link6[];
  static relations = { next: belongsTo(() => Link8, 'nextId'), before: hasMany(() => Link6, 'nextId') };
}
export class Link8 extends Entity('link8', columns()) {
  declare next: Link9 | null;
  declare before: Link7[];
  static relations = { next: belongsTo(() => Link9, 'nextId'), before: hasMany(() => Link7, 'nextId') };
}
export class Link9 extends Entity('link9', columns()) {
  declare next: Link10 | null;
  declare before: Link8[];
  static relations = { next: belongsTo(() => Link10, 'nextId'), before: hasMany(() => Link8, 'nextId') };
}
export class Link10 extends Entity('link10', columns()) {
  declare next: Link11 | null;
  declare before: Link9[];
  static relations = { next: belongsTo(() => Link11, 'nextId'), before: hasMany(() => Link9, 'nextId') };
}
export class Link11 extends Entity('link11', columns()) {
  declare next: Link12 | null;
  declare before: Link10[];
  static relations = { next: belongsTo(() => Link12, 'nextId'), before: hasMany(() => Link10, 'nextId') };
}
export class Link12 extends Entity('link12', columns()) {
  declare next: Link13 | null;
  declare before: Link11[];
  static relations = { next: belongsTo(() => Link13, 'nextId'), before: hasMany(() => Link11, 'nextId') };
}
export class Link13 extends Entity('link13', columns()) {
  declare next: Link14 | null;
  declare before: Link12[];
  static relations = { next: belongsTo(() => Link14, 'nextId'), before: hasMany(() => Link12, 'nextId') };
}
export class Link14 extends Entity('link14', columns()) {
  declare next: Link15 | null;
  declare before: Link13[];
  static relations = { next: belongsTo(() => Link15, 'nextId'), before: hasMany(() => Link13, 'nextId') };
}
export class Link15 extends Entity('link15', columns()) {
  declare next: Link16 | null;
  declare before: Link14[];
  static relations = { next: belongsTo(() => Link16, 'nextId'), before: hasMany(() => Link14, 'nextId') };
}
export class Link16 extends Entity('link16', columns()) {
  declare next: Link17 | null;
  declare before: Link15[];
  static relations = { next: belongsTo(() => Link17, 'nextId'), before: hasMany(() => Link15, 'nextId') };
}
export class Link17 extends Entity('link17', columns()) {
  declare next: Link18 | null;
  declare before: Link16[];
  static relations = { next: belongsTo(() => Link18, 'nextId'), before: hasMany(() => Link16, 'nextId') };
}
export class Link18 extends Entity('link18', columns()) {
  declare next: Link19 | null;
  declare before: Link17[];
  static relations = { next: belongsTo(() => Link19, 'nextId'), before: hasMany(() => Link17, 'nextId') };
}
export class Link19 extends Entity('link19', columns()) {
  declare next: Link20 | null;
  declare before: Link18[];
  static relations = { next: belongsTo(() => Link20, 'nextId'), before: hasMany(() => Link18, 'nextId') };
}
export class Link20 extends Entity('link20', columns()) {
  declare next: Link21 | null;
  declare before: Link19[];
  static relations = { next: belongsTo(() => Link21, 'nextId'), before: hasMany(() => Link19, 'nextId') };
}
