/** How long a message takes to be read, in cells. So much of it takes about a millisecond: the reader's event loop must turn in between. */
export const FULL = 16_384;

const CHARACTERS_PER_CELL = 128;

/** A value of its own weighs one, and a text also by its length. */
export const weightOf = (value: unknown): number =>
  typeof value === 'string' && value.length >= CHARACTERS_PER_CELL
    ? 1 + Math.floor(value.length / CHARACTERS_PER_CELL)
    : 1;
