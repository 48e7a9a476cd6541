import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import type { Title } from '../../../common/title.ts'
import {
  type Candidate,
  type Judged,
  judgeOf,
  ownName,
  type Question,
  titleFolders,
} from './judge.ts'
import { judgeEpisode } from './judge-episode.ts'
import { judgeFilm } from './judge-film.ts'
import { below, type ScannedFolders } from './scan-folder.ts'
import { titleTest } from './title-words.ts'

/** Of one title: a series has thousands of episodes at most. */
const MAX_CANDIDATES = 5000
/** Judged at the same time: the worker reads the names of each lot at once. */
const AT_ONCE = 200

/** The videos whose name, folder or id may be the title's, in the order of their paths. */
export async function candidatesFor(
  roots: readonly ScannedFolders[],
  { title, facts }: Pick<Question, 'title' | 'facts'>,
): Promise<readonly Candidate[]> {
  const pause = createEventLoopYield()
  const isCalled = facts ? titleTest(facts) : () => false
  const found: Candidate[] = []
  for (const [root, folders] of roots.entries()) {
    for (const [folder, { videos, words }] of folders) {
      const paused = pause()
      if (paused) await paused
      if (videos.length === 0) continue
      const folderId = idAround(folders, folder)
      const isAll = folderId === title.imdbId || isCalled(words)
      for (const { name, words: own, id } of videos) {
        if (!isAll && id !== title.imdbId && !isCalled(own)) continue
        found.push({ root, folder, name, id, folderId, siblings: videos.length })
        if (found.length >= MAX_CANDIDATES) return found
      }
    }
  }
  return found
}

/** The id of the nearest folder that has one. */
export function idAround(folders: ScannedFolders, folder: string): string | undefined {
  for (let path = folder; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const id = folders.get(path)?.id
    if (id !== undefined || path === '') return id
  }
}

/** Every candidate with its verdict. */
export async function judgeFiles(
  candidates: readonly Candidate[],
  question: Question,
): Promise<readonly Judged[]> {
  const judged: Judged[] = []
  for (let at = 0; at < candidates.length; at += AT_ONCE) {
    judged.push(...(await judgeSome(candidates.slice(at, at + AT_ONCE), question)))
  }
  return judged
}

async function judgeSome(
  candidates: readonly Candidate[],
  question: Question,
): Promise<readonly Judged[]> {
  const { title, parser } = question
  if (title.type === 'movie') {
    await parser.releases(candidates.flatMap((one) => [ownName(one), ...titleFolders(one)]))
    const judge = judgeOf(question)
    return Promise.all(candidates.map((one) => judgeFilm(one, title.imdbId, judge)))
  }
  const marks = await parser.marks(candidates.map(({ folder, name }) => below(folder, name)))
  const likely = candidates.flatMap((one, at) => {
    const said = marks[at]
    return said && isOf(title, said) ? [{ one, said }] : []
  })
  await parser.releases(likely.flatMap(({ one }) => [ownName(one), ...titleFolders(one)]))
  return Promise.all(likely.map(({ one, said }) => judgeEpisode(one, said, { ...question, title })))
}

/** Names of other episodes of the series need not be read. */
const isOf = (
  { season, episode }: Extract<Title, { type: 'series' }>,
  said: {
    readonly sure: boolean
    readonly season?: number | undefined
    readonly episodes: readonly number[]
  },
): boolean =>
  // A season may be called by its year.
  !said.sure ||
  ((said.season === season || (said.season ?? 0) >= 1900) && said.episodes.includes(episode))
