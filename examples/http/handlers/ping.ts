import { Handler } from '../handler.js';

export class PingHandler extends Handler {
  override get() {
    return { ping: 'pong' };
  }
}
