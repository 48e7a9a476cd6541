import { pino } from 'pino'
import type { HandlerArgs } from '../../addon/sdk-builder.ts'
import { createStreamsHandler } from '../../addon/streams-handler.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type Metainfo, parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import { systemClock } from '../../common/clock.ts'
import { createKnownFiles } from '../../player/files/known-files.ts'
import { ProbedFilms } from '../../player/films/probed-films.ts'
import { createAvailability } from '../../player/play/availability.ts'
import { ChosenFiles } from '../../player/play/chosen-files.ts'
import { LocalFiles } from '../../player/play/local-files.ts'
import { MeasuredPlays } from '../../player/trace/measured-plays.ts'
import { createSourceLists } from '../../sources/lists/numbered-source-lists.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import type { Source } from '../../sources/source.ts'
import { buildTorrent } from './swarm/torrent.ts'

const silent = pino({ level: 'silent' })
const EPISODES = 24

/** Season packs of one series, of each of which it is known what is in it. */
function packs(count: number): {
  readonly sources: Source[]
  readonly known: Map<string, Metainfo>
} {
  const known = new Map<string, Metainfo>()
  const sources = Array.from({ length: count }, (_, n) => {
    const name = `The.Show.S01.${n % 2 ? '1080p' : '2160p'}.WEB-DL.x265-GRP${n}`
    const paths = Array.from({ length: EPISODES }, (_, at) => {
      const episode = String(at + 1).padStart(2, '0')
      return [`The.Show.S01E${episode}.1080p.WEB-DL.x265-GRP${n}.mkv`, 100 + at]
    })
    const torrent = buildTorrent({ name, files: Object.fromEntries(paths) })
    const { infoHash } = torrent
    known.set(infoHash, parseMetainfo(torrent.torrent(), { maxLength: 10 ** 9 }))
    const locator = { kind: 'magnet', infoHash, trackers: [], webSeeds: [] } as const
    const size = 40_000_000_000 + n
    return {
      locator,
      selector: {},
      provider: 'test',
      label: name,
      size,
      seeders: n,
    } satisfies Source
  })
  return { sources, known }
}

/** Lists of a title whose sources are packs, made as the server makes them, without a server. */
export function packLists(
  count: number,
  { index, parser }: { readonly index: CacheIndex; readonly parser: NameParser },
) {
  const { sources, known } = packs(count)
  const shared = { index, parser, clock: systemClock, log: silent }
  const provider = { name: 'test', authority: 'network', find: async () => sources } as const
  const sourceLists = createSourceLists({ ...shared, providers: [provider], listCacheMs: 0 })
  const knownFiles = createKnownFiles(shared)
  /** Whether anything is known of the torrents yet. */
  let isKnown = false
  const metadata = {
    peek: ({ infoHash = '' }: { readonly infoHash?: string }) =>
      isKnown ? known.get(infoHash) : undefined,
    known: async () => undefined,
  }
  const availability = createAvailability({
    store: { stored: () => undefined, records: () => [] },
    downloads: { percent: () => undefined },
    hashes: { peek: () => undefined, compute: async () => undefined },
    knownFiles,
    chosenFiles: new ChosenFiles({ metadata, knownFiles, parser }),
    // Asked again after a minute: a slow machine is not to count.
    measured: new MeasuredPlays({ ...shared, clock: { ...systemClock, steady: () => 1 } }),
    localFiles: new LocalFiles(),
    films: new ProbedFilms({
      ...shared,
      media: { probe: () => Promise.reject(new Error('asked')) },
    }),
  })
  const { of: state, recall } = availability
  const player = { state, recall, subtitles: async () => [] }
  const streams = createStreamsHandler({ sourceLists, player, log: silent })
  const { signal } = new AbortController()
  const config = { baseUrl: 'https://films.example', signal, loopCheck: 'viewer' } as const
  return {
    learn: () => {
      isKnown = true
    },
    list: (episode: number) => {
      const args: HandlerArgs = { type: 'series', id: `tt9000401:1:${episode}`, extra: {}, config }
      return streams(args)
    },
    close: () => sourceLists.close(),
  }
}
