import { databaseDefault } from '../columns/column.js';
import { type MappedColumn, type Mapping, setValue, valueIn } from '../mapping/mapping.js';
import { knownState } from '../state.js';

/** Which columns an insert says, and which the database fills in; rows of one shape share a statement. */
export interface Shape {
  readonly mapping: Mapping;
  readonly given: readonly MappedColumn[];
  readonly generated: readonly MappedColumn[];
  /** What is stored in a spelling of its own, such as a decimal: the property takes it over. */
  readonly respelled: readonly MappedColumn[];
  /** Properties that are empty again when the insert is undone. */
  readonly filled: readonly string[];
}

/** The shape of an instance; the last one where it is the same. */
export function shapeOf(instance: object, last: Shape | undefined): Shape {
  const { mapping } = knownState(instance);
  const { optional, own } = optionalOf(mapping);
  for (const column of own) {
    if (valueIn(instance, column) !== undefined) continue;
    const { isVersion, onUpdate } = column.definition;
    setValue(instance, column, isVersion ? 1 : onUpdate?.());
  }
  const isGenerated = (column: MappedColumn) =>
    column.definition.generated !== undefined || valueIn(instance, column) === undefined;
  if (last?.mapping === mapping && optional.every((column) => isGenerated(column) === last.generated.includes(column)))
    return last;
  const generated = optional.filter(isGenerated);
  const given = inOrderOfNames(mapping.columns.filter((column) => !generated.includes(column)));
  return {
    mapping,
    given,
    respelled: given.filter(isRespelled),
    generated,
    filled: [...generated, ...own].map(({ property }) => property),
  };
}

/** An object has names that are numbers before the others, and Kysely takes the columns as an object has them. */
function inOrderOfNames(columns: readonly MappedColumn[]): MappedColumn[] {
  return Object.values(Object.fromEntries(columns.map((column) => [column.name, column])));
}

/** Only text can say the same in two ways and be compared by it. */
export const isRespelled = ({ definition: { type } }: MappedColumn): boolean => type.storedAs === 'decimal';

interface Optional {
  /** Columns that the database may fill in. */
  readonly optional: readonly MappedColumn[];
  /** Columns that the flush fills in: versions, and moments of a change. */
  readonly own: readonly MappedColumn[];
}
const known = new WeakMap<Mapping, Optional>();

function optionalOf(mapping: Mapping): Optional {
  let found = known.get(mapping);
  if (found === undefined) {
    const optional = mapping.columns.filter((column) => mayBeGenerated(mapping, column));
    const own = mapping.columns.filter(({ definition }) => {
      return definition.isVersion || (definition.onUpdate !== undefined && definition.default === undefined);
    });
    known.set(mapping, (found = { optional, own }));
  }
  return found;
}

/** A single integer key that was left out, what has a default of the database's own, and what it computes. */
function mayBeGenerated({ key }: Mapping, { definition }: MappedColumn): boolean {
  if (definition.generated !== undefined || databaseDefault(definition) !== undefined) return true;
  const { name } = definition.type;
  return definition.isPrimaryKey && key.length === 1 && (name === 'integer' || name === 'bigint');
}
