import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { ByteStream } from '../../lib/connection/mysql/byte-stream.js';
import { relayStreams } from '../../workers/relay-stream.js';
import { type ScriptedServer, startScriptedServer } from './scripted-server.js';

const MEGABYTE = 1 << 20;

const pause = () => setTimeout(5);

describe('a relay', () => {
  let server: ScriptedServer | undefined;
  let stream: ByteStream | undefined;
  afterEach(async () => {
    stream?.close();
    stream = undefined;
    await server?.close();
  });
  const open = (port: number, streams = relayStreams) =>
    (stream = streams(undefined)({
      address: { host: '127.0.0.1', port },
      pause: () => {},
      until: performance.now() + 5_000,
    }));

  it('brings what the server sends, in order, and its end', async () => {
    server = await startScriptedServer({ flood: 3 * MEGABYTE, ends: true });
    const relayed = open(server.port);
    let length = 0;
    for (;;) {
      const bytes = relayed.read();
      if (bytes?.length === 0) break;
      if (bytes?.some((byte, index) => byte !== (length + index) % 251))
        throw new Error(`wrong bytes from ${length} on`);
      length += bytes?.length ?? 0;
      relayed.reuse();
    }
    expect(length).to.equal(3 * MEGABYTE);
  });

  it('leaves with the server what the lane does not read', async () => {
    server = await startScriptedServer({ flood: 200 * MEGABYTE });
    const before = process.memoryUsage().rss;
    const relayed = open(server.port);
    expect(relayed.read()).to.have.length.above(0);
    let flooded = -1;
    for (let now = 0; now !== flooded; now = await server.flooded()) {
      flooded = now;
      await setTimeout(200);
    }
    // What the system keeps for the two sockets, and little more.
    expect(flooded).to.be.below(20 * MEGABYTE);
    expect(process.memoryUsage().rss - before).to.be.below(60 * MEGABYTE);
    expect(relayed.hasInput()).to.equal(true);
  });

  it('takes more than it has room for bit by bit, and says so where the server takes none', async () => {
    server = await startScriptedServer({ silentFrom: 'reading' });
    const relayed = open(server.port);
    const bytes = new Uint8Array(64 * MEGABYTE);
    let sent = 0;
    for (let refused = 0; refused < 3; ) {
      const length = relayed.write(bytes, sent, bytes.length);
      sent += length;
      refused = length === 0 ? refused + 1 : 0;
    }
    expect(sent)
      .to.be.above(MEGABYTE / 16)
      .and.below(20 * MEGABYTE);
  });

  it('says who does not listen', async () => {
    server = await startScriptedServer({});
    const { port } = server;
    await server.close();
    server = undefined;
    expect(() => open(port))
      .to.throw('ECONNREFUSED')
      .with.property('code', 'ECONNREFUSED');
  });

  it('closes its socket with the stream', async () => {
    server = await startScriptedServer({ silentFrom: 'greeting' });
    const relayed = open(server.port);
    while ((await server.connections()) !== 1) await pause();
    relayed.close();
    relayed.close();
    while ((await server.connections()) !== 0) await pause();
  });

  it('shows at rest that the server has ended the connection', async () => {
    server = await startScriptedServer({ flood: 0, ends: true });
    const relayed = open(server.port);
    while (!relayed.hasInput()) await pause();
    expect(relayed.read()).to.have.length(0);
    expect(() => relayed.write(new Uint8Array(1), 0, 1)).to.throw('ended the connection');
  });

  describe('that is lost', () => {
    let copies = 0;
    /** A stream on a relay of its own, how to open another there, and that relay. */
    const openAnew = async () => {
      const module = `../../workers/relay-stream.js?${++copies}`;
      const { relayStreams }: typeof import('../../workers/relay-stream.js') = await import(module);
      server = await startScriptedServer({ silentFrom: 'greeting' });
      const { port } = server;
      const again = () => open(port, relayStreams);
      const started = once(process, 'worker');
      const relayed = again();
      const [relay] = (await started) as [Worker];
      return { relayed, relay, again };
    };

    it('tells a lane that waits, and the next connection has another', async () => {
      const { relayed, relay, again } = await openAnew();
      // Nothing that it could understand.
      relay.postMessage('nonsense');
      let bytes: Buffer | undefined;
      expect(() => {
        while (bytes === undefined) bytes = relayed.read();
      })
        .to.throw('the thread that relays its bytes has ended')
        .with.property('code', 'OFFTHREAD_RELAY_LOST');
      relayed.close();
      expect(again().hasInput()).to.equal(false);
    });

    it('is seen at rest', async () => {
      const { relayed, relay } = await openAnew();
      expect(relayed.hasInput()).to.equal(false);
      await relay.terminate();
      expect(relayed.hasInput()).to.equal(true);
      expect(() => relayed.read()).to.throw('has ended');
      expect(() => relayed.write(new Uint8Array(1), 0, 1)).to.throw('has ended');
    });

    it('is missed by a lane that waits when it can say nothing', async () => {
      const { relayed, relay } = await openAnew();
      void relay.terminate();
      expect(() => {
        while (relayed.read() === undefined);
      }).to.throw('has ended');
    });

    it('goes with the thread of its lane, and so do its sockets', async () => {
      server = await startScriptedServer({ silentFrom: 'greeting' });
      const lane = new Worker(new URL('./relayed-lane.js', import.meta.url), { workerData: server.port });
      await once(lane, 'message');
      while ((await server.connections()) !== 1) await pause();
      await lane.terminate();
      while ((await server.connections()) !== 0) await pause();
    });
  });
});
