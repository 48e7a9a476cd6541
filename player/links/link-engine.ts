import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange } from '../../common/byte-reader.ts'
import { openEngineFile } from '../../torrent/engine/storage/engine-file.ts'
import type {
  DownloadEvents,
  DownloadPlace,
  FileDownload,
  SlotFile,
  TorrentEngine,
  TorrentSpec,
  WindowReader,
} from '../../torrent/protocol/torrent-engine.ts'
import { RecordedTimes } from '../../torrent/supervisor/download-times.ts'
import { serializePlace } from '../../torrent/supervisor/message-conversion.ts'
import {
  type DownloadPort,
  SupervisedDownload,
} from '../../torrent/supervisor/supervised-download.ts'
import { type OpenBody, RelayReader } from '../relay/relay-reader.ts'
import { LinkFetcher } from './link-fetcher.ts'

/** A file that another server has, as if it was the only one of a torrent of its name. */
export interface LinkSpec extends TorrentSpec {
  readonly openBody: OpenBody
}

const isLink = (spec: TorrentSpec): spec is LinkSpec => 'openBody' in spec

/** The engine of torrents, which downloads links too: by ranges, in this process. */
export const withLinks = (engine: TorrentEngine): TorrentEngine => ({
  get state() {
    return engine.state
  },
  started: (ms) => engine.started(ms),
  fetchMetadata: (spec, signal) => engine.fetchMetadata(spec, signal),
  addTrackers: (urls) => engine.addTrackers(urls),
  setExternalPort: (port) => engine.setExternalPort(port),
  learn(spec) {
    if (!isLink(spec)) engine.learn(spec)
  },
  prepare(spec) {
    if (!isLink(spec)) engine.prepare(spec)
  },
  open: (spec, place, events, signal) =>
    isLink(spec) ? openLink(spec, place, events) : engine.open(spec, place, events, signal),
  openSlots: async (spec, layout, path, signal) =>
    isLink(spec) ? new PassingLink(spec, layout) : engine.openSlots(spec, layout, path, signal),
  close: () => engine.close(),
})

/** What is on disk is believed after a clean stop; after another one nothing can tell what is whole. */
async function openLink(
  { openBody }: LinkSpec,
  place: DownloadPlace,
  events: DownloadEvents,
): Promise<FileDownload> {
  const { layout, fill } = place
  let fetcher: LinkFetcher | undefined
  const port: DownloadPort = {
    readers: (readers) => fetcher?.readers(readers),
    room: (bytes) => fetcher?.room(bytes),
    gone: async () => (await fetcher?.gone()) ?? 'told',
  }
  const file = new SupervisedDownload(place, events, port)
  const told = (bytes: number) => file.needsRoom(bytes)
  const disk = await openEngineFile(0, serializePlace(place), undefined, told)
  fetcher = new LinkFetcher({ layout, fill, openBody, disk, file })
  file.opened(disk.have.bytes)
  return file
}

/** One that is too large to be kept: its bytes go through, each reader's by a request of its own. */
class PassingLink implements SlotFile {
  readonly layout: PieceLayout
  readonly progress = { peers: 1, bytesPerSecond: 0 }
  readonly times = new RecordedTimes()
  readonly ended = new Promise<never>(() => {})
  readonly #openBody: OpenBody
  readonly #readers = new Set<WindowReader>()

  constructor({ openBody }: LinkSpec, layout: PieceLayout) {
    this.#openBody = openBody
    this.layout = layout
  }

  grow(): void {}

  reader(range: ByteRange): WindowReader {
    const body = new RelayReader(range, this.#openBody)
    const reader: WindowReader = {
      read: async (into) => {
        const got = await body.read(into)
        this.times.peerConnected()
        this.times.pieceReceived()
        return got
      },
      resize() {},
      close: () => {
        this.#readers.delete(reader)
        body.close()
      },
    }
    this.#readers.add(reader)
    return reader
  }

  async close(): Promise<void> {
    for (const reader of [...this.#readers]) reader.close()
  }
}
