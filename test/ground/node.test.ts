import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';

describe('node: clocks', () => {
  it('process.hrtime is one clock over all threads', async () => {
    const worker = new Worker(new URL('./clock.js', import.meta.url));
    await once(worker, 'online');
    const before = process.hrtime.bigint();
    worker.postMessage(null);
    const [theirs] = (await once(worker, 'message')) as [bigint];
    expect(theirs >= before && theirs <= process.hrtime.bigint()).to.equal(true);
    await worker.terminate();
  });
});

describe('node: Reflect.construct with a class in the place of new.target', () => {
  const ran: string[] = [];

  class Base {
    base = ran.push('field of Base');
    readonly row: object;
    constructor(row: object) {
      this.row = row;
      ran.push('constructor of Base');
    }
  }
  class Sub extends Base {
    field = ran.push('field of Sub');
    constructor(row: object) {
      super(row);
      ran.push('constructor of Sub');
    }
    hello() {
      return 'hello';
    }
  }

  it('runs no constructor and no field initializer of that class, only those of the base', () => {
    const row = {};
    const made = Reflect.construct(Base, [row], Sub) as Sub;
    expect(ran).to.eql(['field of Base', 'constructor of Base']);
    expect(made).to.be.instanceOf(Sub).and.not.have.property('field');
    expect([made.hello(), made.row]).to.eql(['hello', row]);
  });
});

describe('node: stacks', () => {
  let fail: (error: Error) => void;
  let arrived: string | undefined;

  async function wrapped(): Promise<void> {
    try {
      await new Promise<void>((_, reject) => {
        fail = reject;
      });
    } catch (error) {
      arrived = (error as Error).stack;
      throw new Error('taken in the catch');
    }
  }
  async function handler(): Promise<void> {
    await wrapped();
  }
  async function route(): Promise<void> {
    await handler();
  }

  it('a stack taken in the catch of an async function still shows the callers that await it', async () => {
    const failed = route().catch((error: Error) => error.stack);
    setImmediate(() => fail(new Error('from elsewhere')));
    expect(await failed).to.match(/at async handler .*\n.*at async route /);
  });

  it('a stack taken where the answer arrives shows none of them', async () => {
    const failed = route().catch((error: Error) => error.stack);
    setImmediate(() => fail(new Error('from elsewhere')));
    expect(await failed).to.match(/handler/);
    expect(arrived)
      .to.be.a('string')
      .and.not.match(/handler|route/);
  });

  it('a stack taken in a promise that Promise.all takes for a step to another one shows the callers that await that one', async () => {
    let refuse!: (error: Error) => void;
    const promise = new Promise<void>((_, reject) => {
      refuse = reject;
    });
    async function handler(): Promise<void> {
      await promise;
    }
    async function route(): Promise<void> {
      await handler();
    }
    function Step(executor: (resolve: () => void, reject: () => void) => void): Promise<void> {
      executor(
        () => {},
        () => {},
      );
      return promise;
    }
    Step.resolve = (step: Promise<void>) => step;
    const failed = route().catch((error: Error) => error.stack);
    setImmediate(() => Promise.all.call(Step, [Promise.resolve().then(() => refuse(new Error('taken in the step')))]));
    expect(await failed).to.match(/at async Promise\.all .*\n.*at async handler .*\n.*at async route /);
  });
});
