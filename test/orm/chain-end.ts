import { belongsTo, Entity, hasMany, integer } from '../../lib/orm/index.js';
import { Link1, Link20 } from './chain.js';

const columns = () => ({ id: integer().primaryKey(), nextId: integer('next_id').nullable() });

export class Link21 extends Entity('link21', columns()) {
  declare next: Link22 | null;
  declare before: Link20[];
  static relations = { next: belongsTo(() => Link22, 'nextId'), before: hasMany(() => Link20, 'nextId') };
}
export class Link22 extends Entity('link22', columns()) {
  declare next: Link23 | null;
  declare before: Link21[];
  static relations = { next: belongsTo(() => Link23, 'nextId'), before: hasMany(() => Link21, 'nextId') };
}
export class Link23 extends Entity('link23', columns()) {
  declare next: Link24 | null;
  declare before: Link22[];
  static relations = { next: belongsTo(() => Link24, 'nextId'), before: hasMany(() => Link22, 'nextId') };
}
export class Link24 extends Entity('link24', columns()) {
  declare next: Link25 | null;
  declare before: Link23[];
  static relations = { next: belongsTo(() => Link25, 'nextId'), before: hasMany(() => Link23, 'nextId') };
}
export class Link25 extends Entity('link25', columns()) {
  declare next: Link26 | null;
  declare before: Link24[];
  static relations = { next: belongsTo(() => Link26, 'nextId'), before: hasMany(() => Link24, 'nextId') };
}
export class Link26 extends Entity('link26', columns()) {
  declare next: Link27 | null;
  declare before: Link25[];
  static relations = { next: belongsTo(() => Link27, 'nextId'), before: hasMany(() => Link25, 'nextId') };
}
export class Link27 extends Entity('link27', columns()) {
  declare next: Link28 | null;
  declare before: Link26[];
  static relations = { next: belongsTo(() => Link28, 'nextId'), before: hasMany(() => Link26, 'nextId') };
}
export class Link28 extends Entity('link28', columns()) {
  declare next: Link29 | null;
  declare before: Link27[];
  static relations = { next: belongsTo(() => Link29, 'nextId'), before: hasMany(() => Link27, 'nextId') };
}
export class Link29 extends Entity('link29', columns()) {
  declare next: Link30 | null;
  declare before: Link28[];
  static relations = { next: belongsTo(() => Link30, 'nextId'), before: hasMany(() => Link28, 'nextId') };
}
export class Link30 extends Entity('link30', columns()) {
  declare next: Link31 | null;
  declare before: Link29[];
  static relations = { next: belongsTo(() => Link31, 'nextId'), before: hasMany(() => Link29, 'nextId') };
}
export class Link31 extends Entity('link31', columns()) {
  declare next: Link32 | null;
  declare before: Link30[];
  static relations = { next: belongsTo(() => Link32, 'nextId'), before: hasMany(() => Link30, 'nextId') };
}
export class Link32 extends Entity('link32', columns()) {
  declare next: Link33 | null;
  declare before: Link31[];
  static relations = { next: belongsTo(() => Link33, 'nextId'), before: hasMany(() => Link31, 'nextId') };
}
export class Link33 extends Entity('link33', columns()) {
  declare next: Link34 | null;
  declare before: Link32[];
  static relations = { next: belongsTo(() => Link34, 'nextId'), before: hasMany(() => Link32, 'nextId') };
}
export class Link34 extends Entity('link34', columns()) {
  declare next: Link35 | null;
  declare before: Link33[];
  static relations = { next: belongsTo(() => Link35, 'nextId'), before: hasMany(() => Link33, 'nextId') };
}
export class Link35 extends Entity('link35', columns()) {
  declare next: Link36 | null;
  declare before: Link34[];
  static relations = { next: belongsTo(() => Link36, 'nextId'), before: hasMany(() => Link34, 'nextId') };
}
export class Link36 extends Entity('link36', columns()) {
  declare next: Link37 | null;
  declare before: Link35[];
  static relations = { next: belongsTo(() => Link37, 'nextId'), before: hasMany(() => Link35, 'nextId') };
}
export class Link37 extends Entity('link37', columns()) {
  declare next: Link38 | null;
  declare before: Link36[];
  static relations = { next: belongsTo(() => Link38, 'nextId'), before: hasMany(() => Link36, 'nextId') };
}
export class Link38 extends Entity('link38', columns()) {
  declare next: Link39 | null;
  declare before: Link37[];
  static relations = { next: belongsTo(() => Link39, 'nextId'), before: hasMany(() => Link37, 'nextId') };
}
export class Link39 extends Entity('link39', columns()) {
  declare next: Link40 | null;
  declare before: Link38[];
  static relations = { next: belongsTo(() => Link40, 'nextId'), before: hasMany(() => Link38, 'nextId') };
}
export class Link40 extends Entity('link40', columns()) {
  declare next: Link1 | null;
  declare before: Link39[];
  static relations = { next: belongsTo(() => Link1, 'nextId'), before: hasMany(() => Link39, 'nextId') };
}
