import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Fault, type FaultCode } from '../../common/errors.ts'

/** A regular file, opened for reading. Links were resolved when the source was listed, so none is followed now. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly stat: BigIntStats
}

// Windows does not have the last two. NONBLOCK: without it, opening a named pipe waits for its writer.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** @throws Fault FILE_MISSING: not there, not readable, or not a regular file */
export async function openRegularFile(path: string): Promise<OpenFile> {
  const missing = (cause?: unknown) => new Fault('FILE_MISSING', {}, { cause })
  const handle = await open(path, FLAGS).catch((error: unknown) => {
    throw missing(error)
  })
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw missing()
    return { handle, stat }
  } catch (error) {
    await handle.close()
    throw error instanceof Fault ? error : missing(error)
  }
}

/** The whole of a small file. @throws Fault FILE_MISSING; `tooLarge` when it is over `maxBytes` */
export async function readSmallFile(
  path: string,
  maxBytes: number,
  tooLarge: FaultCode,
): Promise<Uint8Array> {
  const { handle, stat } = await openRegularFile(path)
  try {
    if (stat.size > BigInt(maxBytes)) throw new Fault(tooLarge)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
