import { LeaseEndedError } from '../errors.js';

/** A lease, as it is watched. */
interface Watched {
  readonly isOver: boolean;
  /** It ended, and nobody knows. */
  readonly isUntold: boolean;
  readonly hold: { readonly frames: readonly string[] };
  forget(reason: Error): Promise<void>;
}

const registry = new FinalizationRegistry<Watched>((tenancy) => {
  if (tenancy.isOver && !tenancy.isUntold) return;
  const why = 'nobody had it any more, so it was rolled back';
  process.emitWarning(
    `A lease was neither committed nor rolled back: ${why}. It was taken\n${tenancy.hold.frames.join('\n')}`,
    {
      type: 'OffthreadWarning',
      code: 'OFFTHREAD_LEASE_FORGOTTEN',
    },
  );
  void tenancy.forget(new LeaseEndedError({ reason: 'forgotten', why }));
});

/** Ends a lease, with a warning, when nobody can do so any more. */
export function watchLease(owned: object, tenancy: Watched): void {
  registry.register(owned, tenancy, tenancy);
}
/** Nobody has to end it any more. As long as it is watched it is kept, and with the error of its end all that this saw. */
export function leaveLease(tenancy: Watched): void {
  registry.unregister(tenancy);
}
