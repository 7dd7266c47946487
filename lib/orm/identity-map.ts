import type { Mapping } from './mapping/mapping.js';

/** One row, one object: the instances that a session holds, by entity and key. */
export class IdentityMap {
  readonly #entities = new Map<Mapping, Map<unknown, object>>();

  get(mapping: Mapping, key: readonly unknown[]): object | undefined {
    return this.#entities.get(mapping)?.get(identity(key));
  }
  set(mapping: Mapping, key: readonly unknown[], instance: object): void {
    let instances = this.#entities.get(mapping);
    if (instances === undefined) this.#entities.set(mapping, (instances = new Map()));
    instances.set(identity(key), instance);
  }
  delete(mapping: Mapping, key: readonly unknown[]): void {
    this.#entities.get(mapping)?.delete(identity(key));
  }
  /** Whether it holds any instance of an entity. */
  knows(mapping: Mapping): boolean {
    return (this.#entities.get(mapping)?.size ?? 0) > 0;
  }
  /** The instances of one entity. */
  of(mapping: Mapping): Iterable<object> {
    return this.#entities.get(mapping)?.values() ?? [];
  }
  /** Whether any instance fits, of these entities or of others over the same tables. */
  someOver(mappings: readonly Mapping[], fits: (instance: object) => boolean): boolean {
    for (const [{ table }, instances] of this.#entities) {
      if (!mappings.some((mapping) => mapping.table === table)) continue;
      for (const instance of instances.values()) if (fits(instance)) return true;
    }
    return false;
  }
  *[Symbol.iterator](): IterableIterator<object> {
    for (const instances of this.#entities.values()) yield* instances.values();
  }
}

/** Stored key columns as one value that a Map tells apart: exactly where the database does. */
export function identity(key: readonly unknown[]): unknown {
  if (key.length === 1) return keyPart(key[0]);
  return JSON.stringify(key.map(keyPart).map((part) => [typeof part, String(part)]));
}

/** One stored key column in the same way. */
function keyPart(value: unknown): unknown {
  // An integer may come as a number or as a bigint, by its size or its column; both are one key.
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  if (value instanceof Uint8Array) return `blob ${Buffer.from(value).toString('hex')}`;
  return value;
}
