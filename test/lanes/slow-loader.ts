import Module from 'node:module';

/** As a setup module: whatever is required from Kysely takes a while on this thread. */
export default function slowDown(): void {
  const loader = Module as unknown as { _load: (path: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (path, ...rest) => {
    if (path === 'kysely') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    return load(path, ...rest);
  };
}
