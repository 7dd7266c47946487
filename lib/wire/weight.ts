/** How long a message takes to be read, in cells. So much of it takes about a millisecond: the reader's event loop must turn in between. */
export const FULL = 16_384;

const CHARACTERS_PER_CELL = 128;
/** A text from so many characters on has memory of its own, and to get that takes longer than to copy what is in it. */
const LARGE = 128 << 10;
const CHARACTERS_OF_LARGE_PER_CELL = 32;

/** A value of its own weighs one, and a text also by its length. */
export function weightOf(value: unknown): number {
  if (typeof value !== 'string' || value.length < CHARACTERS_PER_CELL) return 1;
  return 1 + Math.floor(value.length / (value.length < LARGE ? CHARACTERS_PER_CELL : CHARACTERS_OF_LARGE_PER_CELL));
}
