import { expect } from 'chai';
import { proxy } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: callbacks', () => {
  let door: Door;
  before(async () => {
    door = await Door.open();
  });
  after(() => door[Symbol.asyncDispose]());

  it('a synchronous import tells its progress while it runs', async () => {
    const gate = new Gate();
    const told: number[] = [];
    const hazards = door.wrap('hazards');
    await hazards.listen(proxy((text: string) => void told.push(Number(text))));
    let isDone = false;
    const held = hazards.emitAndHold('1', gate.buffer).then(() => (isDone = true));
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect([told, isDone]).to.deep.equal([[1], false]);
    gate.open();
    await held;
  });

  it('what it was called with has all arrived, in order, before the call is answered', async () => {
    const told: number[] = [];
    await door.wrap('shop').each(
      100,
      proxy((done) => void told.push(done)),
    );
    expect(told).to.deep.equal(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it('may stand anywhere within an argument', async () => {
    const told: number[] = [];
    const dao = door.wrap('dao');
    expect(await dao.many(['a', 'b'], { onProgress: proxy((done) => void told.push(done)) })).to.equal(2);
    expect(told).to.deep.equal([1, 2]);
    expect(await dao.bodies()).to.deep.equal(['a', 'b']);
  });

  it('answers who awaits it, also by a promise', async () => {
    const { sum } = door.wrap('shop');
    expect(
      await sum(
        3,
        proxy((i) => i * 2),
      ),
    ).to.equal(12);
    expect(
      await sum(
        3,
        proxy(async (i) => i * 10),
      ),
    ).to.equal(60);
  });

  it('may call the module itself while that awaits it', async () => {
    const { sum, add } = door.wrap('shop');
    expect(
      await sum(
        2,
        proxy((i) => add(i, 100)),
      ),
    ).to.equal(203);
  });

  it('that throws rejects there where it is awaited, and so the call, as itself', async () => {
    const oops = Object.assign(new RangeError('oops'), { code: 'OOPS' });
    const error = await rejection(
      door.wrap('shop').sum(
        3,
        proxy(() => {
          throw oops;
        }),
      ),
    );
    expect(error).to.be.instanceOf(RangeError).and.include({ message: 'oops', code: 'OOPS' });
  });

  it('that throws where nobody awaits it is a warning there, and no more', async () => {
    // What is printed there comes here as it was written.
    const written = new Promise<string>((resolve) => {
      const { write } = process.stderr;
      process.stderr.write = ((text: string | Uint8Array, ...rest: never[]) => {
        if (!String(text).includes('nobody heard')) return write.call(process.stderr, text, ...rest);
        process.stderr.write = write;
        resolve(String(text));
        return true;
      }) as typeof write;
    });
    const shop = door.wrap('shop');
    const fail = proxy((): void => {
      throw new RangeError('nobody heard');
    });
    expect(await shop.each(1, fail)).to.equal(1);
    expect(await written).to.include('RangeError: nobody heard');
    expect(await shop.add(1, 2)).to.equal(3);
  });

  it('is the same function there each time, and may be kept', async () => {
    const hazards = door.wrap('hazards');
    const told: string[] = [];
    const listener = proxy((text: string) => told.push(text));
    await hazards.listen(listener);
    expect(await hazards.isSame(listener)).to.equal(true);
    expect(await hazards.isSame(proxy(() => {}))).to.equal(false);
    expect(await hazards.emitAwaited('one')).to.equal(1);
    expect(await hazards.emitAwaited('two')).to.equal(2);
    expect(told).to.deep.equal(['one', 'two']);
  });

  it('goes back to its own thread as itself', async () => {
    const fn = proxy((text: string) => text);
    expect(await door.wrap('shop').same(fn as unknown)).to.equal(fn);
  });
});
