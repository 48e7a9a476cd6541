import { open, read } from 'node:fs'
import { ownFile } from './own-file.ts'

/**
 * Opens a file for reading. The descriptor is a number, for a FileHandle allocates objects at each
 * read.
 */
export function openForReading(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, ownFile.read, (err, fd) => (err ? reject(err) : resolve(fd)))
  })
}

/**
 * Reads up to `length` bytes at `position` of the file into the beginning of `into`. Resolves with
 * the number of bytes, 0 at the end of the file. Keep the descriptor open until then.
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
