import { roomOnVolume } from '../cache/disk/volume.ts'
import type { FileInfo } from '../cache/store/file-info.ts'
import { parseFileKey } from '../common/bittorrent/file-key.ts'
import { footprint } from '../common/bittorrent/piece-layout.ts'
import { cleanText } from '../common/clean-text.ts'
import { readableSize } from '../common/readable-size.ts'
import type { Config } from '../config/config.ts'
import { filesInFolder } from './folder-files.ts'
import { ago, columns } from './shared/table.ts'

const MAX_NAME = 120

type State = 'complete' | 'partial' | 'unreadable'

interface Row {
  readonly name: string
  readonly infoHash: string
  readonly fileIdx: number
  readonly state: State
  readonly sizeBytes: number
  /** Bytes on disk, boundary pieces whole: what counts against the limit. */
  readonly heldBytes: number
  /** What is on disk of the whole file, 0 to 1. */
  readonly part: number
  /** ISO 8601; null when the sidecar cannot be read. */
  readonly lastUse: string | null
}

/** Null for a number that is no time: anybody may have edited the sidecar. */
function isoOf(ms: number): string | null {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}

function rowOf({ key, saved, hasPayload }: FileInfo): Row {
  const id = parseFileKey(key) ?? { infoHash: '', fileIdx: 0 }
  if (!saved || !hasPayload) {
    return {
      ...id,
      name: '',
      state: 'unreadable',
      sizeBytes: 0,
      heldBytes: 0,
      part: 0,
      lastUse: null,
    }
  }
  const { record, sidecar } = saved
  const whole = footprint(record.layout)
  return {
    ...id,
    name: cleanText(record.name, MAX_NAME),
    state: record.complete ? 'complete' : 'partial',
    sizeBytes: record.layout.size,
    heldBytes: record.bytes,
    part: whole === 0 ? 1 : record.bytes / whole,
    lastUse: isoOf(sidecar.usedAt),
  }
}

const HEAD = ['SIZE', 'HERE', '', 'STATE', 'LAST USE', 'INFO HASH / FILE INDEX', 'NAME']

const cells = (row: Row, now: number): string[] => [
  readableSize(row.sizeBytes),
  readableSize(row.heldBytes),
  // Rounded down, so that only a complete file shows 100 %.
  `${Math.floor(row.part * 100)} %`,
  row.state,
  row.lastUse === null ? '-' : ago(now - Date.parse(row.lastUse)),
  `${row.infoHash}/${row.fileIdx}`,
  row.name,
]

/** Prints the files in CACHE_DIR. @returns the exit code */
export async function list({ cache }: Config, json: boolean): Promise<number> {
  const files = (await filesInFolder(cache.dir)).map(rowOf)
  const usedBytes = files.reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  const { free } = await roomOnVolume(cache.dir).catch(() => ({ free: null }))
  const { maxFiles, maxDiskBytes: maxBytes } = cache
  if (json) {
    const totals = { count: files.length, maxFiles, usedBytes, maxBytes, freeOnVolumeBytes: free }
    process.stdout.write(`${JSON.stringify({ dir: cache.dir, files, totals }, null, 2)}\n`)
    return 0
  }
  const now = Date.now()
  const table = files.length > 0 ? columns([HEAD, ...files.map((row) => cells(row, now))], 3) : ''
  const room = free === null ? '' : `; ${readableSize(free)} free on the volume`
  process.stdout.write(
    `${table}${table && '\n'}${files.length} of at most ${maxFiles} files, ${readableSize(usedBytes)} ` +
      `of at most ${readableSize(maxBytes)} in ${cache.dir}${room}\n`,
  )
  return 0
}
