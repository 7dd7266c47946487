/** True only where both types are the same, `any` and optional properties included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `is<Equal<A, B>>()` compiles only if they are. */
export function is<_True extends true>(): void {}
