import { define } from './offthread-error.js';

interface Load {
  readonly waiting: number;
  readonly running: number;
  readonly lanes: number;
}
const load = ({ waiting, running, lanes }: Load) =>
  `${waiting} waiting, ${running} on ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;

export const QueueFullError = define<{ maxQueue: number } & Load>('QueueFullError', {
  code: 'OFFTHREAD_QUEUE_FULL',
  sentence: (detail) =>
    `The queue holds maxQueue = ${detail.maxQueue} calls (${load(detail)}), so this one was refused.`,
  hint: 'Send less at once, or raise maxQueue.',
  retryable: true,
});
export type QueueFullError = InstanceType<typeof QueueFullError>;

export const QueueTimeoutError = define<{ what: string; queueTimeout: number; failure?: string; held?: number } & Load>(
  'QueueTimeoutError',
  {
    code: 'OFFTHREAD_QUEUE_TIMEOUT',
    sentence: (detail) =>
      `${detail.what} waited queueTimeout = ${detail.queueTimeout} ms and was never begun (${load(detail)}).`,
    hint: ({ failure, held }) => {
      if (failure !== undefined) return `No lane could be opened: ${failure}`;
      const why =
        held === undefined
          ? 'busy, not down: look for slow work'
          : `busy, ${held} of them held by leases and streams: end those sooner`;
      return `The lanes are ${why}, or raise queueTimeout or threads.`;
    },
    retryable: true,
  },
);
export type QueueTimeoutError = InstanceType<typeof QueueTimeoutError>;

export const TimeoutError = define<{ what: string; timeout: number }>('TimeoutError', {
  code: 'OFFTHREAD_TIMEOUT',
  sentence: ({ what, timeout }) => `${what} ran longer than timeout = ${timeout} ms and was stopped.`,
  hint: 'Nothing of it was committed, unless outcome says unknown. Make it shorter, or raise timeout.',
});
export type TimeoutError = InstanceType<typeof TimeoutError>;

export const StreamIdleError = define<{ what: string; idleTimeout: number }>('StreamIdleError', {
  code: 'OFFTHREAD_STREAM_IDLE',
  sentence: ({ what, idleTimeout }) =>
    `${what} was ended, since nothing of it was taken for idleTimeout = ${idleTimeout} ms.`,
  hint: 'Until its end a stream holds a lane and a snapshot: take it faster, end it with break, or raise idleTimeout.',
});
export type StreamIdleError = InstanceType<typeof StreamIdleError>;

export const LaneLostError = define<{ what: string; reason: string }>('LaneLostError', {
  code: 'OFFTHREAD_LANE_LOST',
  sentence: ({ what, reason }) => `The thread that ran ${what} ended (${reason}).`,
  hint: 'Nothing of it was committed, unless outcome says unknown. The pool has started another thread.',
});
export type LaneLostError = InstanceType<typeof LaneLostError>;

export const ObjectGoneError = define<{ what: string; reason: string }>('ObjectGoneError', {
  code: 'OFFTHREAD_OBJECT_GONE',
  sentence: ({ what, reason }) => `${what} was not run: ${reason}.`,
  hint: 'Make another one: the functions and classes of the module itself can be called again.',
});
export type ObjectGoneError = InstanceType<typeof ObjectGoneError>;

export const PoolClosedError = define<{ what: string; wasStopped?: boolean }>('PoolClosedError', {
  code: 'OFFTHREAD_POOL_CLOSED',
  sentence: ({ what, wasStopped }) => `The pool is closed, so ${what} ${wasStopped ? 'was stopped' : 'was not run'}.`,
  hint: 'Close it after the last call has settled.',
});
export type PoolClosedError = InstanceType<typeof PoolClosedError>;

export const ClientGoneError = define<{ statusCode: number }>('ClientGoneError', {
  code: 'OFFTHREAD_CLIENT_GONE',
  sentence: () => 'The client closed the connection before it was answered.',
  hint: 'What it was waiting for was stopped.',
});
export type ClientGoneError = InstanceType<typeof ClientGoneError>;

export const NoDatabaseError = define<object>('NoDatabaseError', {
  code: 'OFFTHREAD_NO_DATABASE',
  sentence: () => 'This pool was made without a database, for wrapped modules only.',
  hint: "Give createPool the option database: 'sqlite:shop.db', or a URL of a MySQL server.",
});
export type NoDatabaseError = InstanceType<typeof NoDatabaseError>;

export const NestedPoolError = define<object>('NestedPoolError', {
  code: 'OFFTHREAD_NESTED_POOL',
  sentence: () => 'createPool was called inside a unit, on a worker thread of a pool.',
  hint: 'A unit has its session: call other units as plain functions with it.',
});
export type NestedPoolError = InstanceType<typeof NestedPoolError>;

export const NotSupportedError = define<{ what: string; wayOut: string }>('NotSupportedError', {
  code: 'OFFTHREAD_NOT_SUPPORTED',
  sentence: ({ what }) => `${what} is not supported.`,
  hint: ({ wayOut }) => wayOut,
});
export type NotSupportedError = InstanceType<typeof NotSupportedError>;

export const CallError = define<{ call: string; problem: string; wayOut: string }>('CallError', {
  code: 'OFFTHREAD_CALL',
  sentence: ({ call, problem }) => `${call}: ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});
export type CallError = InstanceType<typeof CallError>;

export const LeaseEndedError = define<{
  reason: 'committed' | 'rolled back' | 'idle' | 'total' | 'lost' | 'forgotten';
  why: string;
}>('LeaseEndedError', {
  code: 'OFFTHREAD_LEASE_ENDED',
  sentence: ({ why }) => `The lease has ended: ${why}.`,
  hint: ({ reason }) => LEASE_HINTS[reason],
});
export type LeaseEndedError = InstanceType<typeof LeaseEndedError>;
const LEASE_HINTS = {
  committed: 'Do everything before commit(), or take another lease.',
  'rolled back': 'Take another lease.',
  idle: 'Await nothing else while it is open, or raise idleTimeout.',
  total: 'Make it shorter, or raise totalTimeout.',
  lost: 'The cause says why; pool.transaction(fn, { retries }) does everything again.',
  forgotten: 'End it with commit() or rollback(), or hold it with `await using`.',
} as const;

export const LeaseDeadlockError = define<{ what: string; lease: string; taken: string; isSure?: boolean }>(
  'LeaseDeadlockError',
  {
    code: 'OFFTHREAD_LEASE_DEADLOCK',
    sentence: ({ what, lease, taken, isSure = true }) =>
      isSure
        ? `${what} would wait for ever: ${lease} of its own caller, taken ${taken}, has to end before there is a lane for it.`
        : `${what} may wait for ever: ${lease} that its caller seems to have, taken ${taken}, has to end before there is a lane for it, and nothing was done in that for a second.`,
    hint: 'Run it on the lease, or end that first. More threads help too, but for a write of SQLite, which has one writer.',
  },
);
export type LeaseDeadlockError = InstanceType<typeof LeaseDeadlockError>;
