import { open } from 'node:fs/promises'
import { killPoint } from '../../../common/kill-point.ts'
import { ownFile } from '../../../common/own-file.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { linesOf } from './file-lines.ts'
import { headerLine, lastRevisionIn, valueInLine, valueLine } from './value-line.ts'
import type { SavedValue } from './value-table.ts'

/** The journal is written anew when it is twice as large as what counts in it, and this. */
const SPARE_BYTES = 2 ** 20
/** Written at once; between two of them others have their turn. */
const CHUNK = 2 ** 18

/** What a journal held that was read. */
export interface ReadJournal {
  /** False: it is no journal. */
  readonly isJournal: boolean
  /** Lines that were not whole; a half last line, as a kill leaves it, is none. */
  readonly badLines: number
}

/**
 * The file in which the memory backend keeps its values: each change is a line at the end of it, with
 * a checksum. Now and then it is written anew with what still counts, in one step.
 */
export class ValuesJournal {
  readonly #path: string
  /** Undefined: the file must be written anew before anything is appended to it. */
  #bytes: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Reads every whole line.
   * @param take is given each value in the order in which they were written
   * @throws the file system's error
   */
  async read(
    maxLine: number,
    onRevision: (last: number) => void,
    take: (value: SavedValue) => void,
  ): Promise<ReadJournal> {
    let bytes = 0
    let badLines = 0
    let isWhole = true
    for await (const { text, size, ended } of linesOf(this.#path, maxLine)) {
      if (bytes === 0) {
        const last = ended ? lastRevisionIn(text) : undefined
        if (last === undefined) return { isJournal: false, badLines }
        onRevision(last)
      } else {
        const value = valueInLine(text)
        isWhole = ended
        if (value && ended) take(value)
        else if (ended) badLines++
      }
      bytes += size
    }
    // Appending to half a line would spoil the next one.
    if (isWhole && badLines === 0 && bytes > 0) this.#bytes = bytes
    return { isJournal: bytes > 0, badLines }
  }

  /** @param liveBytes of all values that count */
  mustBeRewritten(liveBytes: number): boolean {
    return this.#bytes === undefined || this.#bytes > 2 * liveBytes + SPARE_BYTES
  }

  /** @throws the file system's error; the file is then written anew at the next change */
  async append(values: Iterable<SavedValue>): Promise<void> {
    const before = this.#bytes ?? 0
    this.#bytes = undefined
    const file = await open(this.#path, ownFile.append)
    let written = 0
    try {
      for (const chunk of chunksOf(values)) {
        killPoint('journal:append')
        await file.appendFile(chunk)
        written += chunk.length
      }
      await file.datasync()
    } finally {
      await file.close()
    }
    this.#bytes = before + written
  }

  /** @throws the file system's error; the old file is then still there */
  async rewrite(lastRevision: number, values: Iterable<SavedValue>): Promise<void> {
    this.#bytes = undefined
    let bytes = 0
    function* counted(): Generator<Buffer> {
      for (const chunk of chunksOf(values, headerLine(lastRevision))) {
        bytes += chunk.length
        yield chunk
      }
    }
    await replaceFile(this.#path, counted())
    this.#bytes = bytes
  }
}

function* chunksOf(values: Iterable<SavedValue>, first = ''): Generator<Buffer> {
  let text = first
  for (const value of values) {
    text += valueLine(value)
    if (text.length < CHUNK) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}
