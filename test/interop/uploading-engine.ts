import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { pieceCount } from '../../common/bittorrent/piece-layout.ts'
import type { TorrentEngine, TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'
import { usualLimits } from '../../torrent/supervisor/supervision-limits.ts'
import { freePort } from '../support/free-port.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'
import { engineOptions, recorder, startEngine } from '../torrent/engines.ts'

const WAIT_MS = 90_000

/** An engine whose downloads stay open when they have all: a server ends them, and uploads no more. */
export class UploadingEngine {
  /** Where it listens for peers. */
  readonly peer: string
  readonly #engine: TorrentEngine

  private constructor(port: number) {
    this.peer = `127.0.0.1:${port}`
    this.#engine = startEngine({
      options: { ...engineOptions, allow: ['127.0.0.0/8', '::1', '198.18.77.0/30'], port },
      // A busy machine is no hang.
      limits: { ...usualLimits, heartbeatMs: WAIT_MS },
    })
  }

  static async start(): Promise<UploadingEngine> {
    const engine = new UploadingEngine(await freePort())
    await engine.#engine.started(WAIT_MS)
    return engine
  }

  /** What a magnet needs first. */
  fetchMetadata(spec: TorrentSpec): Promise<Uint8Array> {
    return this.#engine.fetchMetadata(spec, AbortSignal.timeout(WAIT_MS))
  }

  /** Fetches a film of one file; it is kept open until it is closed. */
  async open(film: BuiltTorrent, spec: TorrentSpec, folder: string) {
    await writeFile(join(folder, '0'), '')
    await mkdir(join(folder, 'edges'))
    const size = film.content.length
    const layout = { pieceLength: film.pieceLength, torrentLength: size, offset: 0, size }
    const have = new Bitfield(pieceCount(layout))
    return this.#engine.open(
      spec,
      { folder, fileIdx: 0, layout, have, trusted: true, fill: 'whole', room: 10 ** 9 },
      recorder().events,
      AbortSignal.timeout(WAIT_MS),
    )
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}
