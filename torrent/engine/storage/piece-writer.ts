import type { FaultCode } from '../../../common/errors.ts'
import type { EngineFile } from './engine-file.ts'

/** What a write of one piece came to for a content that it failed for. */
export interface WriteFailure {
  readonly file: EngineFile
  readonly code: FaultCode
  readonly why: string
}

export interface PieceWriter {
  /**
   * Writes a piece for every content, and resolves when each has it or has failed.
   * `hangs`: a write never came back, so the system may still read from the bytes.
   */
  write(
    files: readonly EngineFile[],
    piece: number,
    bytes: Uint8Array,
  ): Promise<{ readonly failures: readonly WriteFailure[]; readonly hangs: boolean }>
}

/** A disk that takes longer for one piece will not play a film. */
const WRITE_TIMEOUT_MS = 15_000
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT'])

class Hang extends Error {
  override readonly message = 'the disk does not answer'
}

/**
 * One write at a time for a content: a file that hangs costs one thread of the process, which has
 * few, and not those of all its pieces. What waited behind it is not tried.
 */
export function createPieceWriter(timeoutMs = WRITE_TIMEOUT_MS): PieceWriter {
  const lastWrites = new WeakMap<EngineFile, Promise<unknown>>()
  const hanging = new WeakSet<EngineFile>()

  async function writeOne(file: EngineFile, piece: number, bytes: Uint8Array, previous?: unknown) {
    await previous
    if (hanging.has(file)) throw new Error('a write before it hangs')
    const hangs = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      hanging.add(file)
      hangs.reject(new Hang())
    }, timeoutMs)
    try {
      await Promise.race([file.write(piece, bytes), hangs.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async write(files, piece, bytes) {
      const failures: WriteFailure[] = []
      let hangs = false
      await Promise.all(
        files.map((file) => {
          const written = writeOne(file, piece, bytes, lastWrites.get(file)).catch(
            (err: unknown) => {
              hangs ||= err instanceof Hang
              failures.push({ file, ...reasonOf(err) })
            },
          )
          lastWrites.set(file, written)
          return written
        }),
      )
      return { failures, hangs }
    },
  }
}

function reasonOf(err: unknown): Pick<WriteFailure, 'code' | 'why'> {
  const why = err instanceof Error ? err.message : 'not written'
  const full = DISK_FULL.has((err as NodeJS.ErrnoException).code ?? '')
  return { code: full ? 'DOES_NOT_FIT' : 'INTERNAL', why }
}
