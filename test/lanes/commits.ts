import { readFileSync } from 'node:fs';

const HEADER = 32;
const FRAME_HEADER = 24;

/**
 * How many transactions were committed since the write-ahead log began, as its file says: the last frame of each names
 * the size of the database. https://www.sqlite.org/fileformat2.html#walformat
 */
export function countCommits(database: string): number {
  const wal = readFileSync(`${database}-wal`);
  if (wal.length < HEADER) return 0;
  const pageSize = wal.readUInt32BE(8);
  const salts = wal.subarray(16, 24);
  let commits = 0;
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= wal.length; at += FRAME_HEADER + pageSize) {
    if (!wal.subarray(at + 8, at + 16).equals(salts)) break;
    if (wal.readUInt32BE(at + 4) !== 0) commits++;
  }
  return commits;
}
