/**
 * Runs an engine in a network namespace: told how by its first argument, then a command a line. Each is
 * answered by a line of JSON.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { parseMetainfo } from '../../../../common/bittorrent/metainfo.ts'
import { pieceCount } from '../../../../common/bittorrent/piece-layout.ts'
import type { EngineOptions } from '../../../../torrent/protocol/messages.ts'
import type { FileDownload, TorrentSpec } from '../../../../torrent/protocol/torrent-engine.ts'
import { sha256 } from '../../../support/swarm/payload.ts'
import { drain, recorder, startEngine } from '../../engines.ts'

interface Order {
  readonly options: EngineOptions
  readonly spec: TorrentSpec
}

const { options, spec } = JSON.parse(process.argv[2] ?? '') as Order
const engine = startEngine({ options })
await engine.started(60_000)
let metainfo: Uint8Array | undefined
let playing: Promise<string> | undefined
let file: FileDownload | undefined

/** Opens the torrent's one file. */
async function open(): Promise<FileDownload> {
  if (!metainfo) throw new Error('no metadata yet')
  const { pieceLength, length } = parseMetainfo(metainfo, { maxLength: 1 << 30 })
  const layout = { pieceLength, torrentLength: length, offset: 0, size: length }
  const folder = mkdtempSync(join(tmpdir(), 'playlink-namespace-'))
  writeFileSync(join(folder, '0'), '')
  const have = new Bitfield(pieceCount(layout))
  const place = {
    folder,
    fileIdx: 0,
    layout,
    have,
    trusted: true,
    fill: 'whole',
    room: 1e9,
  } as const
  return engine.open({ ...spec, metainfo }, place, recorder().events, AbortSignal.timeout(60_000))
}

const commands: Record<string, () => Promise<unknown>> = {
  async state() {
    return { ...engine.state, have: file?.have.count ?? 0 }
  },
  async metadata() {
    metainfo = await engine.fetchMetadata(spec, AbortSignal.timeout(60_000))
    return metainfo.length
  },
  /** Looks for what is not there, to see where it goes. */
  async look() {
    engine.fetchMetadata(spec, AbortSignal.timeout(120_000)).catch(() => {})
    return 'begun'
  },
  async play() {
    file = await open()
    const end = parseMetainfo(metainfo ?? Buffer.alloc(0), { maxLength: 1 << 30 }).length - 1
    playing = drain(file.reader({ start: 0, end })).then(sha256)
    playing.catch(() => {})
    return 'begun'
  },
  async played() {
    return playing
  },
  async end() {
    await engine.close()
    return 'ended'
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await commands[line]?.().catch((error) => ({ code: error.code ?? String(error) }))
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`)
  if (line === 'end') break
}
process.exit(0)
