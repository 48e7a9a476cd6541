import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { pieceCount } from '../../common/bittorrent/piece-layout.ts'
import type { FileDownload, TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'
import { drain, engineOptions, freePort, recorder, startEngine } from '../torrent/engines.ts'

/** An engine whose downloads stay open when they have all: a server ends them, and uploads no more. */
export class UploadingEngine {
  /** Where it listens for peers. */
  readonly peer: string
  readonly #engine: TorrentEngine

  private constructor(port: number) {
    this.peer = `127.0.0.1:${port}`
    this.#engine = startEngine({ options: { ...engineOptions, port } })
  }

  static async start(): Promise<UploadingEngine> {
    return new UploadingEngine(await freePort())
  }

  /** Fetches a film of one file and keeps it open; answers it with its bytes. */
  async fetch(
    film: BuiltTorrent,
    tracker: string,
    folder: string,
  ): Promise<{ file: FileDownload; bytes: Buffer }> {
    await writeFile(join(folder, '0'), '')
    await mkdir(join(folder, 'edges'))
    const size = film.content.length
    const layout = { pieceLength: film.pieceLength, torrentLength: size, offset: 0, size }
    const { infoHash } = film
    const file = await this.#engine.open(
      { infoHash, trackers: [tracker], webSeeds: [], metainfo: film.torrent() },
      {
        folder,
        fileIdx: 0,
        layout,
        have: new Bitfield(pieceCount(layout)),
        trusted: true,
        fill: 'whole',
        room: 10 ** 9,
      },
      recorder().events,
      AbortSignal.timeout(60_000),
    )
    const bytes = await drain(file.reader({ start: 0, end: size - 1 }))
    await file.finished
    return { file, bytes }
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}
