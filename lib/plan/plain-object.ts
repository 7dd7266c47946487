/** Of whatever realm: its prototype is null, or has none itself. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An empty plain object asks for nothing; with any other that has nothing of its own, as a Map, more was meant. */
export const isMute = (value: object): boolean => Object.keys(value).length === 0 && !isPlainObject(value);
