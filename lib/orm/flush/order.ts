/**
 * Items so that each stands behind what it depends on, otherwise in their own order. A circle is returned in the place
 * of an order. Knows nothing of entities.
 */
export function dependencyOrder<T>(
  items: readonly T[],
  dependencies: (item: T) => Iterable<T>,
): { order: T[] } | { circle: T[] } {
  const members = new Set(items);
  const done = new Set<T>();
  const open = new Set<T>();
  for (const item of items) {
    // A stack of our own: a chain may be longer than the engine's.
    const path: { item: T; rest: Iterator<T> }[] = [];
    const enter = (next: T): void => {
      open.add(next);
      path.push({ item: next, rest: dependencies(next)[Symbol.iterator]() });
    };
    if (!done.has(item)) enter(item);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value, done: isExhausted } = top.rest.next();
      if (isExhausted) {
        path.pop();
        open.delete(top.item);
        done.add(top.item);
      } else if (open.has(value)) {
        return { circle: path.map((step) => step.item).slice(path.findIndex((step) => step.item === value)) };
      } else if (members.has(value) && !done.has(value)) {
        enter(value);
      }
    }
  }
  return { order: [...done] };
}
