/** A savepoint of a lease; one without a parent is the lease itself. */
export interface Scope {
  readonly parent: Scope | undefined;
  isOver: boolean;
}

/** Whether a scope is another one, or lies within it. */
export function liesWithin(scope: Scope, outer: Scope): boolean {
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) if (each === outer) return true;
  return false;
}

/** Which savepoint of a lease is open: what is asked for outside of it waits, since it would be undone with it. */
export class Scopes {
  readonly root: Scope = { parent: undefined, isOver: false };
  #open = this.root;
  #hasEnded = false;
  #waiting: { readonly scope: Scope; readonly go: () => void }[] = [];

  /** Whether what belongs to this scope can be done now. */
  isOpen(scope: Scope): boolean {
    return scope === this.#open;
  }
  /** Does something in a scope: now, or when whatever is open within it has ended. */
  when(scope: Scope, go: () => void): void {
    if (this.isOpen(scope) || scope.isOver || this.#hasEnded) go();
    else this.#waiting.push({ scope, go });
  }
  /** Opens a savepoint within what is open. */
  open(): Scope {
    this.#open = { parent: this.#open, isOver: false };
    return this.#open;
  }
  /** Ends what is open, and does what waited for that, in its order, until that opens another one. */
  close(): void {
    this.#open.isOver = true;
    this.#open = this.#open.parent ?? this.root;
    for (const { scope, go } of this.#waiting.splice(0)) this.when(scope, go);
  }
  /** The lease has ended, and nothing of it waits any longer. */
  end(): void {
    this.#hasEnded = true;
    for (const { go } of this.#waiting.splice(0)) go();
  }
}
