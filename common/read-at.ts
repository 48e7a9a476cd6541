import { open, read } from 'node:fs'

/** A descriptor for reading. A number, not a FileHandle: reads on the hot path make no objects beside. */
export function openForReading(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (err, fd) => (err ? reject(err) : resolve(fd)))
  })
}

/**
 * Up to `length` bytes from `position` of the file into the beginning of `into`; resolves with how
 * many, 0 at the file's end. The descriptor must stay open until it has settled.
 */
export function readAt(
  fd: number,
  into: Buffer,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, length, position, (err, got) => (err ? reject(err) : resolve(got)))
  })
}
