type Answer = number | Promise<number>;

/**
 * What is asked of an ORM, and of whoever does without one. Each call is a unit of work of its own, and answers with a
 * number: it must be everybody's.
 */
export interface Workload extends AsyncDisposable {
  /** Gets users by key, one after the other; answers with the sum of their ages. */
  get(from: number, count: number): Answer;
  /** Lists the first users; answers with how many they are. */
  list(count: number): Answer;
  /** Stores new notes in one transaction; answers with the key of the last. */
  add(count: number): Answer;
  /** Lists the first users, and each one's addresses; answers with how many addresses they have. */
  visit(count: number): Answer;
}

export const NOTE = 'A note as long as notes are, which is about a line.';
