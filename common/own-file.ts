import { constants } from 'node:fs'

// Windows does not have it.
const NOFOLLOW = constants.O_NOFOLLOW ?? 0
const NONBLOCK = constants.O_NONBLOCK ?? 0

/**
 * Flags of open(2) for files in CACHE_DIR. We make no symbolic links there: one is somebody else's
 * doing, and what it points to is not ours to read, write or empty. open() fails with ELOOP.
 */
export const ownFile = {
  /** As `r`. A pipe (FIFO) reads as an empty file; else whoever opens it waits for a writer, for ever. */
  read: constants.O_RDONLY | NOFOLLOW | NONBLOCK,
  /** As `r+`. */
  update: constants.O_RDWR | NOFOLLOW,
  /** As `w`. */
  write: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NOFOLLOW,
} as const
