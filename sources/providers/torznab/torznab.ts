import { cleanText } from '../../../common/clean-text.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import type { Title } from '../../../common/title.ts'
import { isOwnId } from '../../free-films.ts'
import {
  isOneEpisode,
  isReleaseOf,
  namesEpisode,
  type TitleFacts,
} from '../../matching/title-names.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../../names/parsed-name.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { withTimeout } from '../../with-timeout.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { askForeign } from '../shared/foreign-answer.ts'
import { torrentPlace } from '../shared/torrent-link.ts'
import { xmlText } from '../shared/xml.ts'
import {
  readCaps,
  readItems,
  type TorznabCaps,
  type TorznabItem,
  torznabDocument,
  torznabQueries,
} from './torznab-format.ts'

export interface TorznabDeps {
  readonly name: string
  /** The address of its API, with its key: `https://host/api?apikey=...`. Never shown or logged. */
  readonly url: string
  readonly outbound: Outbound
  readonly names: TitleNames
  readonly parser: NameParser
  readonly clock: Clock
}

/**
 * How long to wait for a title's name: a list waits four seconds, and the id can be searched too.
 */
const NAMES_MS = 1500
const CAPS_TTL_MS = 86_400_000
const MAX_LABEL = 300

/** An indexer that speaks Torznab (Jackett, Prowlarr and those behind them). */
export function createTorznab({
  name,
  url,
  outbound,
  names,
  parser,
  clock,
}: TorznabDeps): SourceProvider {
  const reading = new SingleFlight<TorznabCaps>({ whenAbandoned: 'abort' })
  let caps: { readonly until: number; readonly value: TorznabCaps } | undefined

  async function ask(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const address = new URL(url)
    address.hash = ''
    for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value)
    return torznabDocument(xmlText(await askForeign(outbound, address.href, signal)))
  }

  async function readAllCaps(signal: AbortSignal): Promise<TorznabCaps> {
    if (caps && clock.steady() < caps.until) return caps.value
    const value = readCaps(await ask({ t: 'caps' }, signal))
    caps = { until: clock.steady() + CAPS_TTL_MS, value }
    return value
  }

  return {
    name,
    authority: 'network',
    host: new URL(url).host,
    // By the id, and by the name when that found nothing; caps once a day.
    requests: 2,
    async find(title, signal, owners) {
      // IMDb does not have this id, and some indexers answer an unknown id with anything.
      if (isOwnId(title.imdbId)) return []
      // Without a name from the metadata server the id has to do.
      const [able, facts] = await Promise.all([
        reading.join('caps', signal, readAllCaps),
        withTimeout(NAMES_MS, signal, (inner) => names.find(title, inner)).catch(() => undefined),
      ])
      for (const { byId, query } of torznabQueries(able, title, facts)) {
        const more = { extended: '1', limit: String(able.limit) }
        const items = readItems(await ask({ ...query, ...more }, signal))
        const parsed = await parser.releases(
          items.map((item) => item.title),
          owners,
        )
        const named = items.map((item, at) => ({ ...item, parsed: parsed[at] ?? NO_NAME }))
        const wanted = named.filter((item) => isWanted(item, title, facts, byId))
        const sources = wanted.map((item) => sourceOf(item, title, name, outbound))
        const good = sources.filter((source) => source !== undefined)
        if (good.length > 0) return good
      }
      return []
    },
  }
}

/** An item with what its title says. */
type NamedItem = TorznabItem & { readonly parsed: ParsedName }

/**
 * Checked here too: some indexers ignore parameters that they do not know, and answer with
 * anything.
 */
function isWanted(
  item: NamedItem,
  title: Title,
  facts: TitleFacts | undefined,
  byId: boolean,
): boolean {
  if (item.imdb !== undefined && Number(item.imdb) > 0) {
    if (Number(item.imdb) !== Number(title.imdbId.slice(2))) return false
    return title.type === 'movie' || namesEpisode(item.parsed, title)
  }
  if (facts) return isReleaseOf(item.parsed, title, facts, byId)
  return byId && (title.type === 'movie' || namesEpisode(item.parsed, title))
}

function sourceOf(
  item: NamedItem,
  title: Title,
  provider: string,
  outbound: Outbound,
): Source | undefined {
  const place = torrentPlace(
    {
      infoHash: item.infoHash,
      links: item.links,
      entry: `${provider}\n${item.guid || item.title}`,
    },
    outbound.mayRedirect,
  )
  const label = cleanText(item.title, MAX_LABEL)
  if (!place || label === '') return undefined
  const sized = item.size !== undefined && (title.type === 'movie' || isOneEpisode(item.parsed))
  return {
    ...place,
    selector: {},
    provider,
    label,
    ...(sized && { size: item.size }),
    ...(item.seeders !== undefined && { seeders: item.seeders }),
  }
}
