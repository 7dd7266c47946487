import type { Outcome } from '../wire/answer.js';
import { AnswerReader } from '../wire/answer-reader.js';
import { BatchWriter, NO_TRANSACTION } from '../wire/batch.js';
import { Cell, State, type Step } from '../wire/cell.js';
import { now } from '../wire/clock.js';
import type { ErrorClasses } from '../wire/fault.js';
import type { AnswersMessage, ReadyMessage, Role } from '../wire/message.js';
import type { CallRecord } from '../wire/record.js';
import type { Call as CallOn } from './call.js';
import type { LaneContext, Written } from './channels.js';
import type { Journal } from './journal.js';
import { newLaneId } from './lane-id.js';
import { LaneThread, type Opening, type Sent } from './lane-thread.js';
import type { Site } from './sites.js';
import { BATCHES, Slots } from './slots.js';
import type { Threads } from './threads.js';

/** A call, whose lanes are these. */
export type Call = CallOn<Lane>;

/** Whom a lane tells what happens to it. */
export interface LaneEvents {
  readonly journal: Journal;
  readonly onAnswer: (call: Call, outcome: Outcome, told: unknown) => void;
  /** It is there for this call alone. */
  readonly onTaken: (call: Call) => void;
  /** It has measured what plans cost. */
  readonly onCosts: (costs: AnswersMessage['costs']) => void;
  /** It has room for more. */
  readonly onRoom: (lane: Lane) => void;
  /** Its thread is gone, with these calls on it. */
  readonly onLost: (lane: Lane, calls: Call[], error: unknown) => void;
}

/** As it was when this was loaded, since tests replace it: nothing else tells a lane to go on. */
const { setImmediate } = globalThis;

const GRACE = 100;
/** It looks no more often while it waits for a server. */
const SERVER_GRACE = 300;
const STOPPING_GRACE = 4_000;
const SERVER_PACE = 10;

/** One worker thread with one connection, seen from the caller's thread. */
export class Lane {
  readonly id = newLaneId();
  readonly site: Site;
  readonly role: Role;
  /** What it is told of with. */
  readonly context: Written<LaneContext>;
  /** Calls that it has answered. */
  served = 0;
  readonly #events: LaneEvents;
  readonly #cell = new Cell();
  readonly #thread: LaneThread;
  readonly #writer = new BatchWriter();
  readonly #answers: AnswerReader;
  readonly #slots = new Slots<Call>();
  /** When its last message came, on the shared clock. */
  #received = 0;
  /** How its bytes travel, where there is a server. */
  streamKind: 'socket' | 'relay' | undefined;
  /** Stuck in a native call that nothing can end: out of service until it returns. */
  isRetired = false;
  /** When it is looked at again, because a plan that it works on was given up; on the shared clock. */
  suspectAt = Number.POSITIVE_INFINITY;
  suspectSlot = -1;
  /** It has been given the time to stop what it works on. */
  isStopping = false;
  /** The call that has it for itself: until that is answered, only what is within its hold is sent here. */
  holder: Call | undefined;

  constructor(site: Site, threads: Threads, classes: ErrorClasses, events: LaneEvents) {
    this.site = site;
    this.role = site.role;
    this.#events = events;
    this.#thread = new LaneThread(this.id, threads, this.#cell, classes, {
      onMessage: (message) => this.#receive(message),
      onLost: (error) => this.#lost(error),
    });
    this.context = events.journal.opening(this);
    this.#answers = new AnswerReader(
      classes,
      (slot, outcome, told) => this.#answered(slot, outcome, told),
      (slot, chunk) => this.#slots.at(slot)?.onChunk?.(chunk),
    );
  }

  /** Starts it on a thread; resolves when its connection is open and its units are known. */
  async open(opening: Omit<Opening, 'role'>): Promise<ReadyMessage> {
    const ready = await this.#thread.open({ ...opening, role: this.role });
    this.streamKind = ready.streamKind;
    return ready;
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** It is open, and in service. */
  get isServing(): boolean {
    return this.#thread.isOpen && !this.isRetired;
  }
  get hasRoom(): boolean {
    return this.holder === undefined && this.isServing && this.#slots.batches < BATCHES;
  }
  /** The same for its holder. */
  get hasRoomWithin(): boolean {
    return this.isServing && this.#slots.batches < BATCHES;
  }
  /** Plans that it has not answered yet. */
  get load(): number {
    return this.#slots.load;
  }
  /** Batches on their way: 0 is idle. */
  get batches(): number {
    return this.#slots.batches;
  }
  /** What they are thought to take, in milliseconds. */
  get backlog(): number {
    return this.#slots.backlog;
  }
  get isOpening(): boolean {
    return this.#thread.isOpening;
  }
  /** The calls that are with it. */
  get calls(): Call[] {
    // A call that was taken back may be here twice: in its old slot until that is answered, and in a new one.
    const calls: Call[] = [];
    for (const [slot, call] of this.#slots) if (call.lane === this && call.slot === slot) calls.push(call);
    return calls;
  }

  /** Sends a call that has it for itself from now on. */
  hold(call: Call): void {
    this.holder = call;
    if (call.hold !== undefined) call.hold.lane = this;
    this.#pack([call], 0);
    this.#thread.post(this.#writer.take());
  }
  /** Sends calls of its holder. */
  sendWithin(calls: readonly Call[]): void {
    this.#pack(calls, 0);
    this.#thread.post({ ...this.#writer.take(), isWithin: true });
  }
  /** Sends calls in one batch, which is thought to take `cost` milliseconds, and says where no other lane has anything to do. */
  send(calls: readonly Call[], cost: number, isAlone: boolean): void {
    this.#pack(calls, cost);
    const message = this.#writer.take();
    this.#thread.post(isAlone ? { ...message, isAlone } : message);
  }

  #pack(calls: readonly Call[], cost: number): void {
    this.#cell.place(this.#slots.take(calls, cost), calls.length);
    for (const call of calls) {
      call.lane = this;
      const { transaction, retries, isolation } = call.settings;
      this.#writer.add(call.slot, transaction ? retries : NO_TRANSACTION, call.plan, isolation, call.observation?.wish);
    }
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────

  #receive(message: Sent): void {
    switch (message.kind) {
      case 'answers':
        this.#receiveAnswers(message);
        break;
      case 'taken':
        if (this.holder?.slot === message.slot) this.#events.onTaken(this.holder);
        break;
      default:
        message satisfies never;
    }
  }

  #receiveAnswers(message: AnswersMessage): void {
    this.#received = now();
    if (message.records !== undefined) this.#receiveRecords(message.records);
    this.#answers.read(message);
    if (message.turns > 0) setImmediate(() => this.#cell.acknowledge(message.turns));
    if (message.costs.length > 0) this.#events.onCosts(message.costs);
    this.#events.onRoom(this);
  }

  #receiveRecords(records: readonly CallRecord[]): void {
    for (const record of records) this.#callAt(record.slot)?.observation?.recorded(record, this.context);
  }

  #answered(slot: number, outcome: Outcome, told: unknown): void {
    const call = this.#slots.release(slot);
    if (slot === this.suspectSlot) this.clear();
    if (slot === this.holder?.slot) this.holder = undefined;
    // A call that was taken back is on another lane by now, or in the queue.
    if (call?.lane === this && call.slot === slot) {
      call.lane = undefined;
      if (outcome === 'fulfilled' || outcome === 'rejected') {
        this.served++;
        const start = this.#cell.startOf(slot);
        const end = this.#cell.endOf(slot);
        this.#events.journal.answered(call, this.context, start, end < start ? this.#received : end);
      }
      this.#events.onAnswer(call, outcome, told);
    }
  }

  /** A call that was taken back may be here still, in its old slot. */
  #callAt(slot: number): Call | undefined {
    const call = this.#slots.at(slot);
    return call?.lane === this && call.slot === slot ? call : undefined;
  }

  /** It moves: no longer under suspicion, and back in service. */
  clear(): void {
    if (this.isRetired) this.#events.journal.returned(this.context);
    this.suspectAt = Number.POSITIVE_INFINITY;
    this.suspectSlot = -1;
    this.isRetired = false;
  }

  // ── Deadlines and cancelling ─────────────────────────────────────────────────────────────────────────────────────

  /** When a call began here, or undefined while it waits. */
  startOf(call: Call): number | undefined {
    // One that was stopped before it had begun waits no more, and has no start.
    return this.#cell.stateOf(call.slot) === State.waiting ? undefined : this.#cell.startOf(call.slot) || undefined;
  }
  /** It is done, and its answer on the way. */
  isDone(call: Call): boolean {
    return this.#cell.stateOf(call.slot) === State.committed;
  }
  /** It was a read, and is done. */
  hasRead(call: Call): boolean {
    return this.isDone(call) && this.#isRead(call);
  }
  /** Stops a call: 'stopped' means that nothing of it will be committed. */
  stop(call: Call): 'stopped' | 'too-late' {
    const { slot } = call;
    this.#cell.expectNotice();
    if (
      this.#cell.move(slot, State.waiting, State.cancelled) ||
      this.#cell.move(slot, State.running, State.cancelled)
    ) {
      // It may wait for its holder, or a stream for its consumer, and works on nothing.
      if (call.onChunk !== undefined) this.#cell.take(slot);
      else if (call === this.holder) this.#thread.ring();
      return 'stopped';
    }
    this.#cell.move(slot, State.deciding, State.recalled);
    return 'too-late';
  }
  /** Ends a stream whose consumer wants no more of it, which is answered then. */
  leave({ slot }: Call): void {
    this.#cell.expectNotice();
    if (!this.#cell.move(slot, State.waiting, State.cancelled)) this.#cell.move(slot, State.running, State.recalled);
    this.#cell.take(slot);
  }
  /** A stream's consumer has taken a chunk. */
  take({ slot }: Call): void {
    this.#cell.take(slot);
  }
  /** Whether the thread works on the plan in this slot. */
  worksOn(slot: number): boolean {
    return this.#cell.current === slot;
  }
  /** The call that it works on, or that holds it, and since when on the shared clock. */
  get current(): { readonly call: Call; readonly start: number } | undefined {
    const slot = this.#cell.current;
    const call = slot === undefined ? this.holder : this.#callAt(slot);
    return call && { call, start: this.startOf(call) ?? now() };
  }
  get groups(): Cell['groups'] {
    return this.#cell.groups;
  }
  /** Whether it works on any plan at this moment. */
  get isWorking(): boolean {
    return this.#cell.current !== undefined;
  }
  get isInNativeCall(): boolean {
    return this.#cell.isInNativeCall;
  }
  /** How long it may take to notice that its plan was given up, before it is ended or retired. Milliseconds. */
  get grace(): number {
    return this.#isOnServer ? SERVER_GRACE : GRACE;
  }
  /** How long it may take from then on: on a server it stops the statement there first, which may take its time, as loading does. */
  get stoppingGrace(): number {
    return this.#cell.isLoading || (this.#isOnServer && this.#cell.hasNoticed) ? STOPPING_GRACE : 0;
  }
  /** How many times longer than beside a file whatever it does may take, before that is thought to be long. */
  get pace(): number {
    return this.#isOnServer ? SERVER_PACE : 1;
  }
  get #isOnServer(): boolean {
    return this.site.location.dialect === 'mysql';
  }
  /** Whether what it works on began longer ago than so many milliseconds. */
  hasRunFor(milliseconds: number): boolean {
    const slot = this.#cell.current;
    return slot !== undefined && now() - this.#cell.startOf(slot) >= milliseconds;
  }
  /** Takes back the calls that it has not begun, and reads whose answers are held up behind what hangs. */
  reclaim(): Call[] {
    const reclaimed = this.calls.filter(
      (call) =>
        !call.isSettled &&
        (this.#cell.move(call.slot, State.waiting, State.reclaimed) ||
          // Not the one whose large answer is being sent.
          (this.hasRead(call) && !this.worksOn(call.slot))),
    );
    for (const call of reclaimed) call.lane = undefined;
    return reclaimed;
  }

  // ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Closes its connection and frees its thread, behind what it has to do; resolves when that is done, or its thread is gone. */
  close(): Promise<void> {
    return this.#thread.close();
  }
  /** Ends its thread now, whatever it does in JavaScript. */
  terminate(): Promise<void> {
    return this.#thread.terminate();
  }
  /** How far it has come with opening. */
  get step(): Step {
    return this.#cell.step;
  }
  /** It took too long to open. Inside of the driver its thread is left to finish, and closes then. */
  abandon(error: Error): void {
    this.#thread.abandon(error);
  }
  #lost(error: unknown): void {
    const calls = this.calls.filter((call) => !call.isSettled);
    this.#events.onLost(this, calls, error);
  }

  #isRead(call: Call): boolean {
    return call.access === 'read' || this.role === 'reader';
  }

  /** What a lost lane had come to with a call. */
  fateOf(call: Call): 'not-begun' | 'culprit' | 'innocent' | 'unknown' {
    switch (this.#cell.stateOf(call.slot)) {
      case State.waiting:
        return 'not-begun';
      case State.committing:
      case State.deciding:
      case State.recalled:
        return 'unknown';
      case State.committed:
        return this.#isRead(call) ? 'innocent' : 'unknown';
      default:
        return this.#cell.current === call.slot ? 'culprit' : 'innocent';
    }
  }
}
