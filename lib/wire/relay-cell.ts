import { ByteRing } from './byte-ring.js';

/** The life of a relayed connection. */
export const RelayState = {
  connecting: 0,
  open: 1,
  /** Encrypted, and the server is the one that was meant. */
  secure: 2,
  /** The other side has ended it. */
  ended: 3,
  /** It broke; what happened is on the port. */
  failed: 4,
} as const;
export type RelayState = (typeof RelayState)[keyof typeof RelayState];

const STATE = 0;
const BELL = 1;
const PULSE = 2;
/** The relay was called and has not looked yet. */
const CALLED = 3;
/** The relay holds bytes back until the ring to the lane has room. */
const FULL = 4;
/** The lane holds bytes back until the ring to the server has room. */
const CROWDED = 5;
const BYTES_OF_WORDS = 4 * 6; // even, as the rings behind it want it
/** Both powers of two. Requests are small; rows come in pieces of a TLS record and more. */
const TO_SERVER = 1 << 16;
const TO_LANE = 1 << 18;

/** What a lane shares with the relay for one connection. Which method belongs to which thread is said with each. */
export class RelayCell {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly toServer: ByteRing;
  readonly toLane: ByteRing;

  /** @param buffer of the other thread's cell; without it a new one */
  constructor(buffer?: SharedArrayBuffer) {
    const behind = BYTES_OF_WORDS + ByteRing.bytesOf(TO_SERVER);
    this.buffer = buffer ?? new SharedArrayBuffer(behind + ByteRing.bytesOf(TO_LANE));
    this.#words = new Int32Array(this.buffer, 0, BYTES_OF_WORDS / 4);
    this.toServer = new ByteRing(this.buffer, BYTES_OF_WORDS, TO_SERVER);
    this.toLane = new ByteRing(this.buffer, behind, TO_LANE);
  }

  get state(): RelayState {
    return Atomics.load(this.#words, STATE) as RelayState;
  }
  /** How often the relay has answered a question whether it lives. */
  get pulse(): number {
    return Atomics.load(this.#words, PULSE);
  }

  // ── The lane's thread ────────────────────────────────────────────────────────────────────────────────────────────

  /** To be read before looking for news, and handed to `waitSince`: what comes in between is not slept through. */
  get bell(): number {
    return Atomics.load(this.#words, BELL);
  }
  /** Sleeps until there is something new. False where nothing was for so many milliseconds. */
  waitSince(bell: number, milliseconds: number): boolean {
    return Atomics.wait(this.#words, BELL, bell, milliseconds) !== 'timed-out';
  }
  /** Whether the relay has to be told of what was written: once until it looks. */
  call(): boolean {
    return Atomics.exchange(this.#words, CALLED, 1) === 0;
  }
  /** Asks to be woken when there is room. */
  awaitRoom(): void {
    Atomics.store(this.#words, CROWDED, 1);
  }
  /** Whether the relay waits for the room that there is now. */
  mayContinue(): boolean {
    return Atomics.load(this.#words, FULL) === 1 && this.toLane.isHalfEmpty && this.setFull(false);
  }

  // ── The relay's thread ───────────────────────────────────────────────────────────────────────────────────────────

  become(state: RelayState): void {
    Atomics.store(this.#words, STATE, state);
    this.ring();
  }
  ring(): void {
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }
  beat(): void {
    Atomics.add(this.#words, PULSE, 1);
  }
  /** Wakes the lane if it waits for the room that was just made. */
  offerRoom(): void {
    if (Atomics.exchange(this.#words, CROWDED, 0) === 1) this.ring();
  }
  /** From here on the lane calls for what it writes. */
  look(): void {
    Atomics.store(this.#words, CALLED, 0);
  }
  /** Whether that is new. */
  setFull(isFull: boolean): boolean {
    return Atomics.exchange(this.#words, FULL, Number(isFull)) !== Number(isFull);
  }
}
