// A module that throws at import as many times as its worker data says.
import { workerData } from 'node:worker_threads';

const { attempts, failures } = workerData as { attempts: Int32Array; failures: number };

if (Atomics.add(attempts, 0, 1) < failures) throw new Error('thrown at import');

export default function answer(): number {
  return 42;
}
