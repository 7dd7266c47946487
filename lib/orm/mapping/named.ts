import { CallError } from '../../errors.js';
import { nearest } from '../../plan/nearest.js';
import type { MappedColumn, MappedRelation, Mapping } from './mapping.js';

/** The column that a call names; `call` is how an error calls it: `orderBy()`. */
export function columnNamed(call: string, mapping: Mapping, name: string): MappedColumn {
  const column = mapping.find(name);
  if (column !== undefined) return column;
  if (!mapping.relationNames.includes(name))
    throw unknownName(call, mapping.name, 'column', name, propertiesOf(mapping));
  throw new CallError({
    call,
    problem: `${mapping.name}.${name} is a relation, and no column`,
    wayOut: `Its columns are ${propertiesOf(mapping).join(', ')}.`,
  });
}

/** The relation that a call names. */
export function relationNamed(call: string, mapping: Mapping, name: string): MappedRelation {
  const { relationNames } = mapping;
  if (relationNames.includes(name)) return mapping.relation(name);
  throw unknownName(call, mapping.name, 'relation', name, relationNames);
}

/** A name that means nothing to an entity: what was meant, or what there is. */
export function unknownName(call: string, entity: string, what: string, name: string, known: readonly string[]): Error {
  const meant = nearest(name, known);
  const wayOut = meant === undefined ? `It has ${known.join(', ') || 'none'}.` : `Did you mean '${meant}'?`;
  return new CallError({ call, problem: `${entity} has no ${what} '${name}'`, wayOut });
}

/** Whatever an entity has under a name of its own. */
export const namesOf = (mapping: Mapping): string[] => [...propertiesOf(mapping), ...mapping.relationNames];
const propertiesOf = ({ columns }: Mapping): string[] => columns.map(({ property }) => property);
