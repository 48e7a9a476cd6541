import { asFault, errorCode, Fault, isFull, isNotWritable } from '../../common/errors.ts'

/**
 * The error of a failed write, as the viewer is told it: DOES_NOT_FIT for a volume that is full or cannot
 * be written, TOO_MANY_OPEN without descriptors, INTERNAL for everything else.
 */
export function diskFault(error: unknown): Fault {
  if (isFull(error)) return new Fault('DOES_NOT_FIT', {}, { cause: error })
  if (!isNotWritable(error)) return asFault(error)
  const why = errorCode(error) === 'EROFS' ? 'is on a read-only file system' : 'may not be written'
  const message = `Only what is cached can be played: the cache ${why}.`
  return new Fault('DOES_NOT_FIT', { message }, { cause: error })
}
