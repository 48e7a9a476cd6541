import { Fault } from '../../common/errors.ts'
import { errorCode, isFull } from './replace-file.ts'

/**
 * The error of a failed write, as the viewer is told it: DOES_NOT_FIT for a full or read-only volume,
 * INTERNAL for everything else.
 */
export function diskFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (isFull(error)) return new Fault('DOES_NOT_FIT', {}, { cause: error })
  if (errorCode(error) === 'EROFS') {
    const message = 'Only what is cached can be played: the cache is on a read-only file system.'
    return new Fault('DOES_NOT_FIT', { message }, { cause: error })
  }
  return new Fault('INTERNAL', {}, { cause: error })
}
