/** An error with whatever fields it has. */
export type Failure = Error & Record<string, unknown>;

/** What a promise rejected with, or a function threw; where there was nothing, the test that asked has failed. */
export async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<Failure> {
  let value: unknown;
  try {
    value = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as Failure;
  }
  throw new Error(`It was fulfilled with ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
}
