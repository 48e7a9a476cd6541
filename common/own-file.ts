import { constants } from 'node:fs'

// Windows does not have them.
const NOFOLLOW = constants.O_NOFOLLOW ?? 0
const NONBLOCK = constants.O_NONBLOCK ?? 0
const OURS = NOFOLLOW | NONBLOCK

/**
 * Flags of open(2) for files in CACHE_DIR. We make no symbolic links there: one is somebody else's
 * doing, and what it points to is not ours to read, write or empty: open() fails with ELOOP. Nor do we make
 * pipes: open() would wait for the other end for ever, and one of the few threads for files with it. So
 * it does not wait, and a pipe is empty, or fails with ENXIO.
 */
export const ownFile = {
  /** As `r`. */
  read: constants.O_RDONLY | OURS,
  /** As `r+`. */
  update: constants.O_RDWR | OURS,
  /** As `a`, for a file that is there. */
  append: constants.O_WRONLY | constants.O_APPEND | OURS,
  /** As `w`. */
  write: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | OURS,
} as const
