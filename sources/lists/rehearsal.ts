import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { Source, SourceProvider } from '../source.ts'
import { createSourceLists } from './numbered-source-lists.ts'

const FILM: Title = { type: 'movie', imdbId: 'tt0000000' }
const EPISODE: Title = { ...FILM, type: 'series', season: 1, episode: 1 }

const infoHash = '0'.repeat(40)
const filename = 'Rehearsal.2001.1080p.WEB-DL.x264.mkv'
const common = { provider: 'rehearsal', selector: {}, filename, size: 1e9, seeders: 1 }
const SOURCES: readonly Source[] = [
  {
    ...common,
    locator: { kind: 'magnet', infoHash, trackers: ['http://127.0.0.1/announce'], webSeeds: [] },
  },
  { ...common, locator: { kind: 'torrent', from: '/rehearsal.torrent', infoHash } },
  { ...common, locator: { kind: 'url', url: 'https://127.0.0.1/rehearsal.mkv' } },
]

/**
 * Makes lists and finds a source in each, for nobody: of titles that do not exist, by providers and in an
 * index of its own, so that nobody is asked and nothing is kept. What runs for the first time takes 20 ms
 * longer, which the first viewer of a process would wait for; at its start nobody waits. Never rejects.
 */
export async function rehearseLists(deps: {
  readonly parser: NameParser
  readonly clock: Clock
  readonly log: Log
}): Promise<void> {
  const index = createMemoryIndex(deps)
  const find = async (): Promise<readonly Source[]> => SOURCES
  const providers: readonly SourceProvider[] = [
    { name: 'rehearsal', authority: 'owned', find },
    { name: 'rehearsal', authority: 'network', find },
  ]
  const lists = createSourceLists({ ...deps, index, providers })
  const { signal } = new AbortController()
  try {
    for (const title of [FILM, EPISODE]) {
      await lists.resolve(title, 0, undefined, signal)
      await lists.list(title, signal)
      await lists.resolve(title, 1, undefined, signal)
    }
  } catch (error) {
    deps.log.debug({ err: error }, 'the rehearsal of a list failed')
  } finally {
    lists.close()
    await index.close()
  }
}
