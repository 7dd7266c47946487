import { LaneLostError, OffthreadError, SetupError, UnitsModuleError } from '../errors.js';
import { Step } from '../wire/cell.js';
import type { LaneOpening } from '../wire/message.js';
import type { Lane } from './lane.js';

type Modules = Pick<LaneOpening, 'units' | 'setup'>;

/** Why a lane is not open after so many milliseconds: it is stuck in somebody's module, or with its database. */
export function overdue(lane: Lane, modules: Modules, limit: number): Error {
  const { step, role } = lane;
  const what = step === Step.database ? 'its database did not answer' : 'its thread did not start';
  return (
    inModule(lane, modules, {
      reason: `did not finish loading within ${limit} ms`,
      wayOut: 'In it, or in what it imports, a top-level await is never settled, or a loop never ends.',
    }) ?? new LaneLostError({ what: `a ${role} lane`, reason: `${what} within ${limit} ms of its opening` })
  );
}

/** A thread that ended before its lane was open only says how: here it says by whose fault. */
export function cutShort(lane: Lane, modules: Modules, error: unknown): unknown {
  if (error instanceof OffthreadError || !(error instanceof Error)) return error;
  const wayOut = 'Neither it nor what it imports may call process.exit(), or take more memory than resourceLimits.';
  return inModule(lane, modules, { reason: `ended its thread (${error.message})`, wayOut }, { cause: error }) ?? error;
}

/** An error of the module that a lane is in, if it is in one. */
function inModule(
  { step, role }: Lane,
  { units, setup }: Modules,
  { reason, wayOut }: { readonly reason: string; readonly wayOut: string },
  options: ErrorOptions = {},
): Error | undefined {
  if (step === Step.units && units !== undefined)
    return new UnitsModuleError({ module: units, reason, wayOut }, options);
  if (step === Step.setup && setup !== undefined)
    return new SetupError({ module: setup, role: role === 'reader' ? 'reader' : 'writer', reason }, options);
  return undefined;
}
