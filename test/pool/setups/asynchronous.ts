export default async function setup(): Promise<void> {
  await Promise.reject(new Error('nobody waits for this'));
}
