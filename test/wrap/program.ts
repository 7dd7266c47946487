// A process of its own with wrapped modules in it: what it does, one after the other, is said by its arguments.
import { setTimeout as pause } from 'node:timers/promises';
import { createPool, proxy } from 'offthread';

const pool = await createPool({});
const wrap = <M>(name: string, options?: object) =>
  pool.wrap<M>(new URL(`./modules/${name}.js`, import.meta.url), options);
const shop = wrap<typeof import('./modules/shop.js')>('shop');
const hazards = wrap<typeof import('./modules/hazards.js')>('hazards', { timeout: 100 });
const tell = (call: Promise<unknown>) =>
  call.then(
    (value) => console.log(`${value}`),
    (error) => console.log(error.name),
  );
const collect = async () => {
  // Finalizers run when the event loop has turned.
  for (let i = 0; i < 10; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await pause(5);
  }
};

const scenarios: Record<string, () => unknown> = {
  idle: async () => {
    const basket = await new shop.Basket();
    await basket.put('tea');
    console.log('idle');
  },
  // Nobody waits for these but the process itself.
  pending: () => {
    void tell(shop.later('later'));
    void tell(wrap<typeof import('./modules/hazards.js')>('hazards').exit(3));
  },
  // The last that keeps the process alive is the thread that ends.
  'pending on a thread that dies': async () => {
    const dying = wrap<typeof import('./modules/hazards.js')>('hazards');
    for (let i = 0; i < 20; i++) {
      await dying.count();
      await tell(dying.exit(3));
    }
    console.log('all told');
  },
  stuck: () => {
    void tell(hazards.loop());
  },
  'closed with a thread that hangs': async () => {
    const told = tell(wrap<typeof import('./modules/hazards.js')>('hazards').loop());
    await pause(200);
    await pool.close({ timeout: 50 });
    await told;
    console.log('closed');
  },
  // With --expose-gc.
  forgotten: async () => {
    const kept = await new shop.Basket();
    for (let i = 0; i < 50; i++) await (await new shop.Basket()).put('tea');
    await collect();
    console.log(`forgotten: ${await shop.living()}`);
    console.log(`forgotten: ${await kept.size}`);
  },
  'forgotten callbacks': async () => {
    const ref = await (async () => {
      const callback = proxy(() => {});
      await shop.each(3, callback);
      return new WeakRef(callback);
    })();
    for (let i = 0; i < 20 && ref.deref() !== undefined; i++) {
      await shop.collect();
      await collect();
    }
    console.log(`forgotten callbacks: ${ref.deref() === undefined ? 'collected' : 'kept'}`);
  },
  'in use': async () => {
    const steps = (await shop.countTo(3))[Symbol.asyncIterator]();
    const { put, names } = await new shop.Basket();
    await collect();
    await put('tea');
    await collect();
    console.log(`in use: ${(await names()).join()}`);
    for (let step = await steps.next(); !step.done; step = await steps.next()) {
      await collect();
      console.log(`in use: ${step.value.i}`);
    }
  },
};
for (const name of process.argv.slice(2)) await scenarios[name]?.();
