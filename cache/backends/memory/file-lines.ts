import { open } from 'node:fs/promises'
import { ownFile } from '../../../common/own-file.ts'

const READ_BYTES = 2 ** 18
const LINE_BREAK = 10

export interface FileLine {
  readonly text: string
  /** Bytes, with its line break. */
  readonly size: number
  /** False for a last line without its line break. */
  readonly ended: boolean
}

/**
 * The lines of a UTF-8 file, read part by part; a line break is LF alone. One that is longer than
 * `maxBytes` ends the file. Nothing when there is no file.
 * @throws the file system's error
 */
export async function* linesOf(path: string, maxBytes: number): AsyncGenerator<FileLine> {
  const file = await open(path, ownFile.read)
  try {
    let parts: Buffer[] = []
    let waiting = 0
    while (waiting <= maxBytes) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES)
      if (bytesRead === 0) break
      const part = buffer.subarray(0, bytesRead)
      parts.push(part)
      waiting += part.length
      if (!part.includes(LINE_BREAK)) continue
      const bytes = Buffer.concat(parts)
      let start = 0
      for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK, start)) {
        yield { text: bytes.toString('utf8', start, end), size: end + 1 - start, ended: true }
        start = end + 1
      }
      parts = [bytes.subarray(start)]
      waiting = bytes.length - start
    }
    if (waiting > 0) {
      yield { text: Buffer.concat(parts).toString(), size: waiting, ended: false }
    }
  } finally {
    await file.close()
  }
}
