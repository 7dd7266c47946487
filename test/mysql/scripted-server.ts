import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How a server lets its clients in: what Debian's MariaDB cannot show. */
export interface Script {
  /** The method it greets with. */
  readonly method?: string;
  /** The method it asks for then. */
  readonly switchTo?: string;
  readonly password?: string;
  /** Whether it remembers the user's password (caching_sha2_password); default true. */
  readonly isCached?: boolean;
  readonly rsaKey?: 'real' | 'empty' | 'refused';
  /** PEM texts; without them it offers no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string; readonly maxVersion?: 'TLSv1.2' };
  /** Where it never answers any more. */
  readonly silentFrom?: 'reading' | 'greeting' | 'tls' | 'login';
  /** Milliseconds between two bytes of its own, while the client logs in. */
  readonly pause?: number;
  /** Sent in plain text right behind the greeting, as somebody in between might. */
  readonly injected?: Uint8Array;
  /** Who answers once the client is in. */
  readonly behind?: { readonly port: number; readonly user: string; readonly password: string };
  /** What it asks for in answer to the first query: a file of the client's. */
  readonly file?: string;
  /** Instead of all that: sends so many bytes, and counts those that it could. */
  readonly flood?: number;
  /** Whether it closes the connection after the flood. */
  readonly ends?: boolean;
}

export interface ScriptedServer {
  readonly port: number;
  /** What happened, a sentence each. */
  log(): Promise<readonly string[]>;
  /** What clients have sent that anybody in between could read. */
  readable(): Promise<string>;
  connections(): Promise<number>;
  /** Bytes of the flood that have left. */
  flooded(): Promise<number>;
  close(): Promise<void>;
}

/** What the thread tells. */
export interface Report {
  readonly log: readonly string[];
  readonly readable: string;
  readonly connections: number;
  readonly flooded: number;
}

/** Starts it on a thread of its own, since a client that blocks has this one. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const worker = new Worker(new URL('./scripted-server-thread.js', import.meta.url), { workerData: script });
  const [port] = (await once(worker, 'message')) as [number];
  const report = async (): Promise<Report> => {
    worker.postMessage('report');
    return ((await once(worker, 'message')) as [Report])[0];
  };
  return {
    port,
    log: async () => (await report()).log,
    readable: async () => (await report()).readable,
    connections: async () => (await report()).connections,
    flooded: async () => (await report()).flooded,
    close: async () => {
      await worker.terminate();
    },
  };
}
