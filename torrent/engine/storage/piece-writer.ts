import { type FaultCode, isFull, isNotWritable, isTooManyOpen } from '../../../common/errors.ts'
import type { EngineFile } from './engine-file.ts'

/** Why a file could not write a piece. */
interface WriteFailure {
  readonly file: EngineFile
  readonly code: FaultCode
  readonly why: string
}

/** A disk that takes longer for one piece is too slow to play a film from. */
const WRITE_TIMEOUT_MS = 15_000

class Hang extends Error {
  override readonly message = 'the disk does not answer'
}

/**
 * Writes verified pieces, one at a time for each file. A file that hangs so costs one thread of the
 * process' small pool and not one for each of its pieces; the writes behind it are not tried.
 */
export class PieceWriter {
  readonly #timeoutMs: number
  readonly #lastWrites = new WeakMap<EngineFile, Promise<unknown>>()
  readonly #hanging = new WeakSet<EngineFile>()

  constructor(timeoutMs = WRITE_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs
  }

  /**
   * Writes a piece of every file, and resolves when each write has ended or failed.
   * `hangs`: a write timed out, so the system may still read from the bytes.
   */
  async write(
    files: readonly EngineFile[],
    piece: number,
    bytes: Uint8Array,
  ): Promise<{ readonly failures: readonly WriteFailure[]; readonly hangs: boolean }> {
    const failures: WriteFailure[] = []
    let hangs = false
    const writes = files.map((file) => {
      const written = this.#writeAfter(this.#lastWrites.get(file), file, piece, bytes).catch(
        (err: unknown) => {
          hangs ||= err instanceof Hang
          failures.push({ file, ...reasonOf(err) })
        },
      )
      this.#lastWrites.set(file, written)
      return written
    })
    await Promise.all(writes)
    return { failures, hangs }
  }

  async #writeAfter(previous: unknown, file: EngineFile, piece: number, bytes: Uint8Array) {
    await previous
    if (this.#hanging.has(file)) throw new Error('a write before it hangs')
    // It is the disk that may hang; room may take as long as it takes.
    await file.untilRoomFor(piece)
    const timeout = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      this.#hanging.add(file)
      timeout.reject(new Hang())
    }, this.#timeoutMs)
    try {
      await Promise.race([file.write(piece, bytes), timeout.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

function reasonOf(err: unknown): Pick<WriteFailure, 'code' | 'why'> {
  const why = err instanceof Error ? err.message : 'not written'
  if (isTooManyOpen(err)) return { code: 'TOO_MANY_OPEN', why }
  return { code: isFull(err) || isNotWritable(err) ? 'DOES_NOT_FIT' : 'INTERNAL', why }
}
