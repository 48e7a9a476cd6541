import { LOOP_HEADER, OWN_LOOP_ID } from '../common/network/loop-header.ts'
import { LIST_DEADLINE_MS } from '../sources/lists/numbered-source-lists.ts'
import { askManifest } from '../sources/providers/addons/addon-manifest.ts'
import { createArchiveApi } from '../sources/providers/archive/archive-api.ts'
import { parseFeed } from '../sources/providers/feeds/feed-format.ts'
import { type NetworkPlace, networkPlaces } from '../sources/providers/network-places.ts'
import { METADATA } from '../sources/providers/shared/cinemeta.ts'
import { absentIs404, askForeign } from '../sources/providers/shared/foreign-answer.ts'
import { xmlText } from '../sources/providers/shared/xml.ts'
import { askTorznab } from '../sources/providers/torznab/ask-torznab.ts'
import { readCaps } from '../sources/providers/torznab/torznab-format.ts'
import { type Check, fault, ok, type Verdict, warning } from './finding.ts'
import type { Setup } from './setup.ts'
import { adviceFor, causeOf } from './why-unreachable.ts'

/** One server, and what it is asked. */
interface Asked {
  readonly name: string
  /** Where its address stands. */
  readonly setting: string
  readonly address: string
  /** It comes with Playlink, which goes on without it. */
  readonly isOptional?: boolean
  ask(signal: AbortSignal): Promise<Verdict>
}

/** A film that every metadata server knows, and that is free (Big Buck Bunny). */
const KNOWN = 'tt1254207'
const KNOWN_ITEM = 'identifier:BigBuckBunny_124'
const SETTINGS = { addon: 'UPSTREAM_ADDONS', torznab: 'TORZNAB', feed: 'FEEDS' } as const

/** Every server that sources or names come from, each asked once for something small. */
export function providerChecks(setup: Setup): readonly Check[] {
  const { outbound, config } = setup
  const { archiveUrl, cinemetaUrl } = config.providers
  const asked: Asked[] = networkPlaces(config.providers).map((place) => ({
    name: place.name.startsWith(place.kind) ? place.name : `${place.kind} ${place.name}`,
    setting: SETTINGS[place.kind],
    address: place.address,
    ask: (signal) => questions[place.kind](setup, place, signal),
  }))
  if (archiveUrl !== undefined) {
    asked.unshift({
      ...{ name: 'archive.org', setting: 'ARCHIVE_ORG_URL', address: archiveUrl, isOptional: true },
      async ask(signal) {
        await createArchiveApi(archiveUrl, outbound).search(KNOWN_ITEM, { rows: 1 }, signal)
        return ok('answers')
      },
    })
  }
  if (cinemetaUrl !== undefined) {
    asked.unshift({
      ...{ name: METADATA, setting: 'CINEMETA_URL', address: cinemetaUrl, isOptional: true },
      async ask(signal) {
        const url = `${cinemetaUrl}/meta/movie/${KNOWN}.json`
        await askForeign(outbound, url, signal).catch(absentIs404)
        return ok('answers')
      },
    })
  }
  return asked.map((one) => ({ name: one.name, run: (signal) => verdictOn(one, setup, signal) }))
}

/** The address is told by its origin: paths and queries hold keys. */
async function verdictOn(one: Asked, { clock }: Setup, signal: AbortSignal): Promise<Verdict> {
  const { setting, isOptional = false } = one
  const { origin } = new URL(one.address)
  const began = clock.steady()
  try {
    const { text, ...said } = await one.ask(signal)
    const ms = clock.steady() - began
    if (said.state !== 'ok' || ms <= LIST_DEADLINE_MS) return { ...said, text: `${origin} ${text}` }
    return warning(
      `${origin} ${text}, after ${Math.round(ms / 1000)} s: a list waits ${LIST_DEADLINE_MS / 1000} s`,
      'Its sources are in the next list only: see what makes it slow.',
    )
  } catch (error) {
    const text = `${origin} does not answer well: ${causeOf(error).message}`
    const todo = adviceFor(error, setting)
    return isOptional ? warning(text, `${todo} Lists go on without it.`) : fault(text, todo)
  }
}

type Question = (setup: Setup, place: NetworkPlace, signal: AbortSignal) => Promise<Verdict>

const questions: Readonly<Record<NetworkPlace['kind'], Question>> = {
  async addon({ outbound }, { address }, signal) {
    const url = new URL(address)
    url.hash = ''
    const { resources } = await askManifest(outbound, url.href, signal, {
      [LOOP_HEADER]: OWN_LOOP_ID,
    })
    const names = resources.map((one) => (typeof one === 'string' ? one : one.name))
    if (names.includes('stream')) return ok('answers with its manifest')
    return warning('has no streams', 'Take it out of UPSTREAM_ADDONS: nothing is asked of it.')
  },
  async torznab({ outbound }, { address }, signal) {
    const { movie, tv } = readCaps(await askTorznab(outbound, address, { t: 'caps' }, signal))
    if (movie.size + tv.size > 0) return ok('answers, and searches')
    return warning('searches neither films nor series', 'Take it out of TORZNAB.')
  },
  async feed({ outbound, clock }, { address }, signal) {
    const url = new URL(address)
    url.hash = ''
    const text = xmlText(await askForeign(outbound, url.href, signal))
    const { length } = await parseFeed(text, clock.wall(), url.href)
    if (length > 0) return ok(`answers with ${length} entries`)
    return warning('names no torrent and no video', 'Open it: another feed of that site may.')
  },
}
