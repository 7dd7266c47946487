import { availableParallelism } from 'node:os';
import { MessagePort } from 'node:worker_threads';
import { expect } from 'chai';
import type { Opening } from '../../lib/connection/mysql/byte-stream.js';
import { openSocket } from '../../lib/connection/mysql/socket.js';
import { Gate } from '../lanes/gate.js';
import { MysqlStage } from '../lanes/mysql-stage.js';
import type { Notes } from '../lanes/stage.js';
import { Connections, rowsOf } from './connections.js';
import { sequence } from './sequence.js';

describe('a lane that waits for a server', () => {
  describe('on a socket', () => {
    let connections: Connections;
    before(async () => {
      connections = await Connections.make('alone');
    });
    after(() => connections.close());

    /** How often a connection looks for bytes instead of waiting for them, whose next ones are always there. */
    function looks(isAlone: boolean): number {
      let count = 0;
      const stream = (opening: Opening) => {
        const socket = openSocket(opening);
        const look = socket.hasInput.bind(socket);
        socket.hasInput = () => {
          count++;
          return look();
        };
        return socket;
      };
      const watch = { isAlone, check: () => {}, enter: () => {}, leave: () => {} };
      const db = connections.open({ stream, watch });
      expect(rowsOf(db, `select repeat('x', 1000) from ${sequence(20_000)}`)).to.have.length(20_000);
      return count;
    }

    it('looks for a prompt answer while it is alone, and there is a core for that', () => {
      if (availableParallelism() > 1) expect(looks(true)).to.be.above(0);
      else expect(looks(true)).to.equal(0);
    });
    it('leaves the core to the others where it is not', () => {
      expect(looks(false)).to.equal(0);
    });
  });

  describe('in a pool', () => {
    let stage: MysqlStage;
    let pool: Notes;
    before(async () => {
      stage = await MysqlStage.make();
      pool = await stage.open({ threads: 2 });
    });
    after(() => stage.remove());

    /** Of each batch that `work` sends: whether its lane was told that it is alone. */
    async function told(work: () => Promise<unknown>): Promise<boolean[]> {
      const { postMessage } = MessagePort.prototype;
      const batches: boolean[] = [];
      MessagePort.prototype.postMessage = function (message, ...rest) {
        if (message?.kind === 'batch') batches.push(message.isAlone === true);
        return postMessage.call(this, message, ...rest);
      };
      try {
        await work();
      } finally {
        MessagePort.prototype.postMessage = postMessage;
      }
      return batches;
    }

    it('is told that it is alone where no other lane has anything to do', async () => {
      expect(await told(() => pool.run('one'))).to.deep.equal([true]);
    });
    it('is told that it is not where another has', async () => {
      const gate = new Gate();
      const holding = pool.run('hold', [gate.buffer]);
      await gate.reached();
      const batches = await told(() => pool.run('one'));
      gate.open();
      await holding;
      expect(batches).to.deep.equal([false]);
    });
  });
});
