/** Functions that hang, or that end their thread. */
import { Gate } from '../../lanes/gate.js';

export const hold = (gate: SharedArrayBuffer): string => {
  new Gate(gate).pass();
  return 'let go';
};
export const holdAsync = async (gate: SharedArrayBuffer): Promise<string> => {
  const held = new Gate(gate);
  while (!held.isOpen) await new Promise((resolve) => setTimeout(resolve, 2));
  return 'let go';
};
export const loop = (): never => {
  for (;;);
};
export const exit = (code: number): never => process.exit(code);
export const exhaust = (): never => {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(100).fill(0));
};
export const throwLater = (): void => {
  setTimeout(() => {
    throw new RangeError('thrown by a timer');
  });
};
let calls = 0;
export const count = (): number => ++calls;
export class Thing {
  name = 'thing';
  count(): number {
    return count();
  }
}
let listener: ((text: string) => unknown) | undefined;
export const listen = (fn: (text: string) => unknown): void => {
  listener = fn;
};
export const isSame = (fn: (text: string) => unknown): boolean => fn === listener;
export const emit = (text: string): void => void listener?.(text);
export const emitAwaited = async (text: string): Promise<unknown> => await listener?.(text);
export const emitAndHold = (text: string, gate: SharedArrayBuffer): void => {
  emit(text);
  hold(gate);
};
let onClose: (() => unknown) | undefined;
export const closeBy = (way: 'throw' | 'never' | 'loop'): void => {
  onClose = () => {
    if (way === 'throw') throw new RangeError('it does not close');
    if (way === 'loop') loop();
    return new Promise(() => {});
  };
};
export const close = (): unknown => onClose?.();
