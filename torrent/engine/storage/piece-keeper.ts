import type { FaultCode } from '../../../common/errors.ts'
import type { Content } from './content.ts'

/** What a write of one piece came to for a content that it failed for. */
interface WriteFailure {
  readonly content: Content
  readonly code: FaultCode
  readonly why: string
}

export interface PieceKeeper {
  /**
   * Writes a piece for every content, and resolves when each has it or has failed.
   * `hangs`: a write never came back, so the system may still read from the bytes.
   */
  keep(
    contents: readonly Content[],
    piece: number,
    bytes: Uint8Array,
  ): Promise<{ readonly failures: readonly WriteFailure[]; readonly hangs: boolean }>
}

/** A disk that takes longer for one piece will not play a film. */
const PATIENCE_MS = 15_000
const FULL = new Set(['ENOSPC', 'EDQUOT'])

class Hang extends Error {
  override readonly message = 'the disk does not answer'
}

/**
 * One write at a time for a content: a file that hangs costs one thread of the process, which has
 * few, and not those of all its pieces. What waited behind it is not tried.
 */
export function createPieceKeeper(patienceMs = PATIENCE_MS): PieceKeeper {
  const last = new WeakMap<Content, Promise<unknown>>()
  const hanging = new WeakSet<Content>()

  async function write(content: Content, piece: number, bytes: Uint8Array, before?: unknown) {
    await before
    if (hanging.has(content)) throw new Error('a write before it hangs')
    const hang = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      hanging.add(content)
      hang.reject(new Hang())
    }, patienceMs)
    try {
      await Promise.race([content.keep(piece, bytes), hang.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async keep(contents, piece, bytes) {
      const failures: WriteFailure[] = []
      let hangs = false
      await Promise.all(
        contents.map((content) => {
          const written = write(content, piece, bytes, last.get(content)).catch((err: unknown) => {
            hangs ||= err instanceof Hang
            failures.push({ content, ...reason(err) })
          })
          last.set(content, written)
          return written
        }),
      )
      return { failures, hangs }
    },
  }
}

function reason(err: unknown): Pick<WriteFailure, 'code' | 'why'> {
  const why = err instanceof Error ? err.message : 'not written'
  const full = FULL.has((err as NodeJS.ErrnoException).code ?? '')
  return { code: full ? 'DOES_NOT_FIT' : 'INTERNAL', why }
}
