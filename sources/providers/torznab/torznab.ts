import { cleanText } from '../../../common/clean-text.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Owners } from '../../../common/permits/owners.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import type { Title } from '../../../common/title.ts'
import { isOwnId } from '../../free-films.ts'
import type { FoundBy } from '../../matching/match.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import type { Verdict } from '../../matching/verdict.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME } from '../../names/parsed-name.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { withTimeout } from '../../with-timeout.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { nameAndSize } from '../shared/ids-of-many.ts'
import { isOneFile, judged } from '../shared/judged-names.ts'
import { RememberedAnswers } from '../shared/remembered-answers.ts'
import { torrentPlace } from '../shared/torrent-link.ts'
import { askTorznab } from './ask-torznab.ts'
import { readCaps, readItems, type TorznabCaps, type TorznabItem } from './torznab-format.ts'
import { packQueries, type TorznabQuery, torznabQueries } from './torznab-queries.ts'

export interface TorznabDeps {
  readonly name: string
  /** The address of its API, with its key: `https://host/api?apikey=...`. Never shown or logged. */
  readonly url: string
  readonly outbound: Outbound
  readonly names: TitleNames
  readonly parser: NameParser
  readonly clock: Clock
  readonly log?: Log
}

/**
 * How long to wait for a title's name: a list waits four seconds, and the id can be searched too.
 */
const NAMES_MS = 1500
const CAPS_TTL_MS = 86_400_000
/** What an indexer could before counts as long as it does not say anything else. */
const CAPS_AGAIN_MS = 3_600_000
/** Of the answers about packs, which are asked once a season. */
const MAX_PACK_BYTES = 8 * 2 ** 20
const MAX_LABEL = 300

/** An indexer that speaks Torznab (Jackett, Prowlarr and those behind them). */
export const createTorznab = (deps: TorznabDeps): SourceProvider => new Torznab(deps)

interface Asked {
  readonly title: Title
  readonly facts: TitleFacts | undefined
  readonly able: TorznabCaps
  readonly signal: AbortSignal
  readonly owners: Owners | undefined
}

class Torznab implements SourceProvider {
  readonly name: string
  readonly authority = 'network'
  readonly host: string
  readonly #deps: TorznabDeps
  readonly #reading = new SingleFlight<TorznabCaps>({ whenAbandoned: 'abort' })
  readonly #packs: RememberedAnswers<readonly TorznabItem[]>
  /** Read again each day: an indexer may learn to search by ids. */
  #caps: { readonly until: number; readonly value: TorznabCaps } | undefined

  constructor(deps: TorznabDeps) {
    this.#deps = deps
    this.name = deps.name
    this.host = new URL(deps.url).host
    this.#packs = new RememberedAnswers({
      clock: deps.clock,
      maxBytes: MAX_PACK_BYTES,
      isEmpty: (items) => items.length === 0,
    })
  }

  /** By the id, and by the name when that found nothing; for packs of its season and series once. */
  requests(title: Title): number {
    return title.type === 'movie' ? 2 : 4
  }

  async find(title: Title, signal: AbortSignal, owners?: Owners): Promise<readonly Source[]> {
    // IMDb does not have this id, and some indexers answer an unknown id with anything.
    if (isOwnId(title.imdbId)) return []
    const { names } = this.#deps
    // Without a name from the metadata server the id has to do.
    const [able, facts] = await Promise.all([
      this.#reading.join('caps', signal, (shared) => this.#readCaps(shared)),
      withTimeout(NAMES_MS, signal, (inner) => names.find(title, inner)).catch(() => undefined),
    ])
    const asked: Asked = { title, facts, able, signal, owners }
    const [own, packs] = await Promise.all([this.#ofTitle(asked), this.#ofPacks(asked)])
    const known = new Set(own.map(placeOf))
    return [...own, ...packs.filter((source) => !known.has(placeOf(source)))]
  }

  async #ofTitle(asked: Asked): Promise<readonly Source[]> {
    for (const query of torznabQueries(asked.able, asked.title, asked.facts)) {
      const items = await this.#ask(query, asked.able, asked.signal)
      const good = await this.#sources(items, query, asked)
      if (good.length > 0) return good
    }
    return []
  }

  /** What the episode's own search gives is good without them. */
  async #ofPacks(asked: Asked): Promise<readonly Source[]> {
    const { title, able, facts, signal } = asked
    if (title.type === 'movie') return []
    const found = await Promise.all(
      packQueries(able, title, facts).map(async (query) => {
        const items = await this.#packs
          .ask(JSON.stringify(query), signal, (shared) => this.#ask(query, able, shared))
          .catch(() => [])
        return this.#sources(items, query, asked)
      }),
    )
    const once = new Map(found.flat().map((source) => [placeOf(source), source]))
    return [...once.values()]
  }

  async #ask({ query }: TorznabQuery, { limit }: TorznabCaps, signal: AbortSignal) {
    const document = await this.#document({ ...query, extended: '1', limit: String(limit) }, signal)
    return readItems(document, new URL(this.#deps.url).origin)
  }

  #document(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    return askTorznab(this.#deps.outbound, this.#deps.url, query, signal)
  }

  async #readCaps(signal: AbortSignal): Promise<TorznabCaps> {
    const { clock } = this.#deps
    const known = this.#caps
    if (known && clock.steady() < known.until) return known.value
    try {
      const value = readCaps(await this.#document({ t: 'caps' }, signal))
      this.#caps = { until: clock.steady() + CAPS_TTL_MS, value }
      return value
    } catch (error) {
      if (!known || signal.aborted) throw error
      this.#caps = { until: clock.steady() + CAPS_AGAIN_MS, value: known.value }
      return known.value
    }
  }

  /**
   * Checked here too: some indexers ignore parameters that they do not know, and answer with anything.
   */
  async #sources(
    items: readonly TorznabItem[],
    { byId }: TorznabQuery,
    { title, facts, owners }: Asked,
  ): Promise<readonly Source[]> {
    const { parser, outbound, log } = this.#deps
    const ours = items.filter(({ imdb }) => !Number(imdb) || Number(imdb) === idOf(title))
    const parsed = await parser.releases(
      ours.map((item) => item.title),
      owners,
    )
    const named = ours.map((item, at) => ({ ...item, parsed: parsed[at] ?? NO_NAME }))
    const byOf = ({ imdb }: TorznabItem): FoundBy =>
      Number(imdb) ? 'attribute' : byId ? 'id' : 'name'
    const wanted = judged(named, { provider: this.name, title, facts, log }, byOf)
    return wanted.flatMap((item) => sourceOf(item, this.name, outbound) ?? [])
  }
}

const idOf = ({ imdbId }: Title): number => Number(imdbId.slice(2))

/** What is the same torrent of the indexer. */
const placeOf = ({ identity, locator }: Source): string => identity ?? JSON.stringify(locator)

function sourceOf(
  item: TorznabItem & { readonly verdict: Verdict },
  provider: string,
  outbound: Outbound,
): Source | undefined {
  const { infoHash, links } = item
  // Another release of the same name has another size.
  const entry = `${provider}\n${item.guid || nameAndSize(item)}`
  const place = torrentPlace({ infoHash, links, entry }, outbound.mayRedirect)
  const label = cleanText(item.title, MAX_LABEL)
  if (!place || label === '') return undefined
  return {
    ...place,
    selector: {},
    provider,
    label,
    ...(item.size !== undefined && isOneFile(item.verdict) && { size: item.size }),
    ...(item.seeders !== undefined && { seeders: item.seeders }),
  }
}
