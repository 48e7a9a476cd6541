import { LRUCache } from 'lru-cache'
import { atMost } from '../../common/memory/lru-options.ts'
import { addressGroup } from '../../common/network/address-group.ts'
import { type Title, titleId } from '../../common/title.ts'

/** A source of an episode, as /play names it. */
export interface EpisodePlay {
  readonly title: Title
  readonly number: number
  readonly sourceKey: string | undefined
}

/**
 * Predicts what the client at an address plays next. There are two signs: clients ask for the list
 * of the next episode when they open one (before its first bytes or after them), and a viewer who is
 * past four fifths of an episode will go on.
 */
export interface NextEpisodePredictor {
  listRequested(address: string, title: Title): void
  playStarted(address: string, play: EpisodePlay): void
  /** Past 80 % of the file. */
  nearEnd(address: string, play: EpisodePlay): void
}

/** Fetches what will be played; resolves with whether that succeeded. */
export type FetchNext = (next: Title, after: EpisodePlay) => Promise<boolean>

const MAX_ADDRESSES = 10_000
/** An episode and a pause. */
const PLAY_TTL_MS = 4 * 3600 * 1000
/** A list that was asked for longer before a play has nothing to do with it. */
const LIST_TTL_MS = 60_000

export const createNextEpisodePredictor = (
  fetchNext: FetchNext,
  now: () => number,
): NextEpisodePredictor => new RequestPredictor(fetchNext, now)

class RequestPredictor implements NextEpisodePredictor {
  readonly #fetchNext: FetchNext
  /** By address group, as all of them: one network of IPv6 must not push out everybody else. */
  readonly #plays: LRUCache<string, EpisodePlay>
  readonly #lists: LRUCache<string, Title>
  /** The title that was fetched last, so that one sign after the other fetches it once. */
  readonly #fetched: LRUCache<string, string>

  constructor(fetchNext: FetchNext, now: () => number) {
    this.#fetchNext = fetchNext
    this.#plays = new LRUCache({ ...bounded(PLAY_TTL_MS), perf: { now } })
    this.#lists = new LRUCache({ ...bounded(LIST_TTL_MS), perf: { now } })
    this.#fetched = new LRUCache({ ...bounded(PLAY_TTL_MS), perf: { now } })
  }

  listRequested(client: string, title: Title): void {
    const address = addressGroup(client)
    const play = this.#plays.get(address)
    if (play && follows(play.title, title)) this.#fetch(address, title, play)
    else this.#lists.set(address, title)
  }

  playStarted(client: string, play: EpisodePlay): void {
    const address = addressGroup(client)
    if (play.title.type !== 'series') return
    const { title, number, sourceKey } = play
    // Not the object itself: it is the whole request, and this is kept for hours.
    this.#plays.set(address, { title, number, sourceKey })
    const list = this.#lists.get(address)
    if (list && follows(title, list)) this.#fetch(address, list, play)
  }

  nearEnd(client: string, play: EpisodePlay): void {
    const address = addressGroup(client)
    const { title } = play
    if (title.type !== 'series') return
    this.#fetch(address, { ...title, episode: title.episode + 1 }, play)
  }

  /** Once per title, unless it failed. */
  #fetch(address: string, next: Title, after: EpisodePlay): void {
    const id = titleId(next)
    if (this.#fetched.get(address) === id) return
    this.#fetched.set(address, id)
    void this.#fetchNext(next, after).then((succeeded) => {
      if (!succeeded && this.#fetched.get(address) === id) this.#fetched.delete(address)
    })
  }
}

const bounded = (ttl: number) => ({ ...atMost(MAX_ADDRESSES), ttl, ttlResolution: 0 })

/** Whether `next` is the next episode, or the first one of the next season. */
function follows(title: Title, next: Title): boolean {
  if (title.type !== 'series' || next.type !== 'series') return false
  if (title.imdbId !== next.imdbId) return false
  if (title.season === next.season) return next.episode === title.episode + 1
  return next.season === title.season + 1 && next.episode === 1
}
