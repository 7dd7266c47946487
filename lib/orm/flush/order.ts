/**
 * Items so that each stands behind what it depends on, otherwise in their own order. Knows nothing of entities.
 *
 * @param openCircle takes a dependency away from a circle, or throws
 */
export function dependencyOrder<T>(
  items: readonly T[],
  dependencies: (item: T) => Iterable<T>,
  openCircle: (circle: readonly T[]) => void,
): T[] {
  const members = new Set(items);
  const done = new Set<T>();
  for (const item of items)
    while (!done.has(item)) {
      // What is done stays so: it depends on no less than before.
      const circle = visit(item, members, done, dependencies);
      if (circle !== undefined) openCircle(circle);
    }
  return [...done];
}

/** Goes down to what has no dependencies, and back; or as far as the first circle. */
function visit<T>(
  first: T,
  members: ReadonlySet<T>,
  done: Set<T>,
  dependencies: (item: T) => Iterable<T>,
): T[] | undefined {
  const open = new Set<T>();
  // A stack of our own: a chain may be longer than the engine's.
  const path: { item: T; rest: Iterator<T> }[] = [];
  const enter = (next: T): void => {
    open.add(next);
    path.push({ item: next, rest: dependencies(next)[Symbol.iterator]() });
  };
  enter(first);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { value, done: isExhausted } = top.rest.next();
    if (isExhausted) {
      path.pop();
      open.delete(top.item);
      done.add(top.item);
    } else if (open.has(value)) {
      return path.map((step) => step.item).slice(path.findIndex((step) => step.item === value));
    } else if (members.has(value) && !done.has(value)) {
      enter(value);
    }
  }
  return undefined;
}
