import type { RawRow } from '../../connection/connection.js';
import { MappingError, valueError } from '../../errors.js';
import type { Definition } from '../columns/column.js';
import type { ChildOptions, Direction, EntityClass, RelationKind } from './relation.js';

export interface MappedColumn {
  readonly property: string;
  /** In SQL. */
  readonly name: string;
  /** In errors: `User.age`. */
  readonly place: string;
  readonly index: number;
  readonly definition: Definition;
}
export interface Order {
  readonly column: MappedColumn;
  readonly direction: Direction;
}
/** The table of pairs behind a many-to-many relation. */
export interface Through {
  readonly table: string;
  /** Where the table is an entity itself. */
  readonly entity: Mapping | undefined;
  /** In SQL, in the order of the keys they hold. */
  readonly ownerColumns: readonly string[];
  readonly targetColumns: readonly string[];
}
export interface MappedRelation {
  readonly name: string;
  /** In errors: `User.addresses`. */
  readonly place: string;
  readonly kind: RelationKind;
  readonly owner: Mapping;
  readonly target: Mapping;
  /**
   * The columns that hold the key, in its order: on the target (hasMany, hasOne) or on the owner (belongsTo). Relations
   * over the same columns share the array. Empty for manyToMany.
   */
  readonly foreignKey: ForeignKey;
  readonly through: Through | undefined;
  readonly order: readonly Order[];
  readonly isLazy: boolean;
  readonly onRemove: ChildOptions['onRemove'];
  readonly deletesOrphans: boolean;
  /** The same relation as the target declares it, where it does. */
  readonly inverse: MappedRelation | undefined;
}
export type ForeignKey = readonly MappedColumn[];

/** What an entity's class says, ready for use. Relations are resolved when they are asked for, since classes form circles. */
export interface Mapping {
  readonly entity: EntityClass;
  readonly name: string;
  readonly table: string;
  readonly columns: readonly MappedColumn[];
  readonly key: readonly MappedColumn[];
  /** The column that counts its versions. */
  readonly version: MappedColumn | undefined;
  readonly relationNames: readonly string[];
  readonly relation: (name: string) => MappedRelation;
  /** Its foreign keys and whose keys they hold, as far as the relations that say so were resolved. */
  readonly foreignKeys: Map<ForeignKey, Mapping>;
  /** Relations of other entities to children of this one's kind, as far as they were resolved. */
  readonly incoming: Set<MappedRelation>;
  /** Whether it is the other side of a many-to-many relation, as far as these were resolved. */
  isPaired: boolean;
  /** Many-to-many relations whose pairs are rows of this entity, as far as they were resolved. */
  readonly between: Set<MappedRelation>;
  readonly find: (property: string) => MappedColumn | undefined;
  /** For what declares the mapping: a mistake there is the mapping's. */
  readonly column: (property: string) => MappedColumn;
  readonly foreignKey: (properties: readonly string[]) => ForeignKey;
  /** An instance from its stored columns, made without the class's own constructor. */
  readonly create: (row: RawRow) => object;
  /** Whether an instance's properties are not what its row says. */
  readonly isChanged: (instance: object, row: RawRow) => boolean;
  /** SQL texts of this entity's own statements, by what they are for. */
  readonly texts: Map<string, string>;
}

export const isCollection = ({ kind }: { readonly kind: RelationKind }): boolean =>
  kind === 'hasMany' || kind === 'manyToMany';
export const relationsOf = (mapping: Mapping): MappedRelation[] =>
  mapping.relationNames.map((name) => mapping.relation(name));

export const keyOf = (mapping: Mapping, row: RawRow): unknown[] => mapping.key.map(({ index }) => row[index]);
export const valueIn = (instance: object, { property }: MappedColumn): unknown =>
  (instance as Record<string, unknown>)[property];
export function setValue(instance: object, { property }: MappedColumn, value: unknown): void {
  (instance as Record<string, unknown>)[property] = value;
}

/** Some properties as they are stored; undefined where one of them has no value. */
export function storedIn(instance: object, columns: readonly MappedColumn[]): unknown[] | undefined {
  const stored: unknown[] = [];
  for (const column of columns) {
    const value = valueIn(instance, column);
    if (value === null || value === undefined) return undefined;
    stored.push(writeColumn(column, value));
  }
  return stored;
}

/** A property's value as it is stored; null where the column allows it. */
export function writeColumn({ definition, place }: MappedColumn, value: unknown): unknown {
  if (value === null && definition.isNullable) return null;
  if (value === null || value === undefined)
    throw valueError(place, value, definition.isNullable ? `a value or null` : 'a value: the column is not nullable()');
  return definition.type.write(value, place);
}
/** A stored value as the property has it. */
export function readColumn({ definition, place }: MappedColumn, stored: unknown): unknown {
  if (stored !== null) return definition.type.read(stored, place);
  if (definition.isNullable) return null;
  throw valueError(place, null, 'a value in the database, or else nullable()');
}

/** Whether a stored value means what is stored already. */
export function isSame({ definition }: MappedColumn, stored: unknown, before: unknown): boolean {
  return (
    stored === before ||
    (stored !== null && before !== null && definition.type.same?.(stored, before) === true) ||
    sameInteger(stored, before)
  );
}
/** An integer may come as a number or as a bigint, by its size. */
const sameInteger = (a: unknown, b: unknown): boolean =>
  typeof a !== typeof b && isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b);
const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || Number.isSafeInteger(value);

export function missingColumn({ name, columns }: Mapping, property: string): never {
  throw new MappingError({
    entity: name,
    problem: `it has no column '${property}'`,
    wayOut: `Its columns are ${columns.map((column) => column.property).join(', ')}.`,
  });
}
