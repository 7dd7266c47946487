import { LeaseEndedError } from '../errors.js';
import type { Tenancy } from './tenancy.js';

const registry = new FinalizationRegistry<Tenancy>((tenancy) => {
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
export function watchLease(owned: object, tenancy: Tenancy): void {
  registry.register(owned, tenancy);
}
