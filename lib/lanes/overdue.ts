import { LaneLostError, SetupError, UnitsModuleError } from '../errors.js';
import { Step } from '../wire/cell.js';
import type { LaneOpening } from '../wire/message.js';
import type { Lane } from './lane.js';

/** Why a lane is not open after so many milliseconds: it is stuck in somebody's module, or with its database. */
export function overdue({ step, role }: Lane, opening: Pick<LaneOpening, 'units' | 'setup'>, limit: number): Error {
  const { units, setup } = opening;
  if (step === Step.units && units !== undefined) {
    return new UnitsModuleError({
      module: units,
      reason: `did not finish loading within ${limit} ms`,
      wayOut: 'In it, or in what it imports, a top-level await is never settled, or a loop never ends.',
    });
  }
  if (step === Step.setup && setup !== undefined) {
    return new SetupError({
      module: setup,
      role: role === 'reader' ? 'reader' : 'writer',
      reason: `did not finish within ${limit} ms`,
    });
  }
  const what = step === Step.database ? 'its database did not answer' : 'its thread did not start';
  return new LaneLostError({ what: `a ${role} lane`, reason: `${what} within ${limit} ms of its opening` });
}
