import { valueError } from '../../errors.js';
import type { Refused } from '../../plan/detached.js';
import { type Column, type ColumnOf, columnOf } from './column.js';
import { type ColumnType, plainType } from './column-type.js';

const textType: ColumnType<string> = {
  ...plainType<string>('text', 'text', () => true, 'string'),
  write: (value, place) => {
    if (typeof value !== 'string') throw valueError(place, value, 'a string');
    if (!isWellFormed(value)) throw valueError(place, value, 'well-formed text (it has a lone surrogate)', 'range');
    return value;
  },
};
/** Without a lone surrogate. Node 20 can tell; the types of ES2023 do not know. */
export const isWellFormed = (value: string): boolean => (value as string & { isWellFormed(): boolean }).isWellFormed();

/** The one without a type of its own first: the context of `Columns` would infer it. */
export interface TextColumnOf {
  (): Column<string>;
  <const N extends string>(name: N): Column<string, false, N>;
  <T extends string>(name?: Refused<"name it for the types too: text<T, 'name'>('name')">): Column<T>;
  <T extends string, const N extends string>(name: N): Column<T, false, N>;
}
/**
 * Text that is well-formed Unicode. `text<'s' | 'm'>()` types the property, which nobody looks at when the program runs:
 * ``check(sql`size in ('s', 'm')`)`` does. With another name in SQL: `text<'s' | 'm', 'shirt_size'>('shirt_size')`.
 */
export const text: TextColumnOf = columnOf(textType) as TextColumnOf;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A UUID of any version as text, in lower case: one value has one spelling. Made by you: `.default(() => randomUUID())`. */
export const uuid: ColumnOf<string> = columnOf(
  plainType<string>(
    'uuid',
    'a UUID in lower case, such as 123e4567-e89b-12d3-a456-426614174000',
    (value) => UUID.test(value),
    'string',
  ),
);
