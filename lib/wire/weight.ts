/** How long a message takes to be read, in cells. So much of it takes about a millisecond: the reader's event loop must turn in between. */
export const FULL = 16_384;
/**
 * The same in cells of a table that are made only as it is read, which takes about two milliseconds. In smaller parts the
 * memory of what is there so far would be collected, and all of it moved, again and again.
 */
export const FULL_TABLE = 5 * FULL;

const CHARACTERS_PER_CELL = 128;
/** A text from so many characters on has memory of its own, and to get that takes longer than to copy what is in it. */
const LARGE = 128 << 10;
const CHARACTERS_OF_LARGE_PER_CELL = 32;

/** A value of its own weighs one, and a text also by its length. */
export const weightOf = (value: unknown): number => (typeof value === 'string' ? 1 + weightOfBytes(value.length) : 1);

/** What a text weighs by its length, which in bytes is about the same. */
export const weightOfBytes = (length: number): number =>
  Math.floor(length / (length < LARGE ? CHARACTERS_PER_CELL : CHARACTERS_OF_LARGE_PER_CELL));
