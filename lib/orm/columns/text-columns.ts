import { valueError } from '../../errors.js';
import { type ColumnOf, columnOf } from './column.js';
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
/** Text that is well-formed Unicode. */
export const text: ColumnOf<string> = columnOf(textType);

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
