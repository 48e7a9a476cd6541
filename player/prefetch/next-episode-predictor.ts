import { LRUCache } from 'lru-cache'
import { type Title, titleId } from '../../common/title.ts'

/** A source of an episode, as /play names it. */
export interface EpisodePlay {
  readonly title: Title
  readonly number: number
  readonly key: string | undefined
}

/**
 * Guesses what an address plays next, by two signs: clients ask for the list of the next episode
 * when they open one (before or after its first bytes), and whoever is past four fifths goes on.
 * Each starts `begin` at most once for a play's next episode, unless that came to nothing.
 */
export interface NextEpisodePredictor {
  listRequested(address: string, title: Title): void
  playStarted(address: string, play: EpisodePlay): void
  /** Past 80 % of the file. */
  nearEnd(address: string, play: EpisodePlay): void
}

const ADDRESSES = 10_000
/** An episode and a pause; a list that came longer before a play has nothing to do with it. */
const PLAYS_MS = 4 * 3600 * 1000
const LISTED_MS = 60_000

export function createNextEpisodePredictor(
  begin: (next: Title, after: EpisodePlay) => Promise<boolean>,
  now: () => number,
): NextEpisodePredictor {
  const plays = new LRUCache<string, EpisodePlay>({ ...bounded(PLAYS_MS), perf: { now } })
  const lists = new LRUCache<string, Title>({ ...bounded(LISTED_MS), perf: { now } })
  const begun = new LRUCache<string, string>({ ...bounded(PLAYS_MS), perf: { now } })

  function start(address: string, next: Title, after: EpisodePlay): void {
    const id = titleId(next)
    if (begun.get(address) === id) return
    begun.set(address, id)
    void begin(next, after).then((whole) => {
      if (!whole && begun.get(address) === id) begun.delete(address)
    })
  }

  return {
    listRequested(address, title) {
      const play = plays.get(address)
      if (play && follows(play.title, title)) start(address, title, play)
      else lists.set(address, title)
    },
    playStarted(address, play) {
      if (play.title.type !== 'series') return
      const { title, number, key } = play
      // Not what was handed in: that is the whole request, and this is kept for hours.
      plays.set(address, { title, number, key })
      const list = lists.get(address)
      if (list && follows(play.title, list)) start(address, list, play)
    },
    nearEnd(address, play) {
      const { title } = play
      if (title.type === 'series') start(address, { ...title, episode: title.episode + 1 }, play)
    },
  }
}

const bounded = (ttl: number) => ({ max: ADDRESSES, ttl, ttlResolution: 0 })

/** The next episode, or the first one of the next season. */
function follows(title: Title, next: Title): boolean {
  if (title.type !== 'series' || next.type !== 'series') return false
  if (title.imdbId !== next.imdbId) return false
  if (title.season === next.season) return next.episode === title.episode + 1
  return next.season === title.season + 1 && next.episode === 1
}
