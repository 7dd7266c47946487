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
  const path: T[] = [];
  const order: T[] = [];

  const visit = (item: T): T[] | undefined => {
    if (done.has(item) || !members.has(item)) return undefined;
    const start = path.indexOf(item);
    if (start >= 0) return path.slice(start);
    path.push(item);
    for (const dependency of dependencies(item)) {
      const circle = visit(dependency);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(item);
    order.push(item);
    return undefined;
  };

  for (const item of items) {
    const circle = visit(item);
    if (circle !== undefined) return { circle };
  }
  return { order };
}
