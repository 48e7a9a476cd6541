import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { cleanText } from '../../../common/clean-text.ts'
import { isImdbId } from '../../../common/title.ts'
import { type TitleText, titlesOfJson } from './catalogue-json.ts'
import type { DeclaredSource } from './catalogue-source.ts'
import { readSource } from './catalogue-source.ts'
import { entryOf, type Problem, parseSyntax, type Syntax } from './catalogue-syntax.ts'

/** One title as a catalogue declares it; the files that it names are not checked yet. */
export interface DeclaredTitle {
  readonly id: string
  readonly type: 'movie' | 'series'
  /** For people. */
  readonly name?: string
  /** Of a film, or a series' first. */
  readonly year?: number
  readonly licence?: string
  /** A movie's sources. */
  readonly sources: readonly DeclaredSource[]
  /** A series' sources by `season:episode`. */
  readonly episodes: ReadonlyMap<string, readonly DeclaredSource[]>
  /** Torrents of many episodes: sources of every episode of their seasons. */
  readonly packs: readonly {
    readonly seasons: readonly number[]
    readonly source: DeclaredSource
  }[]
}

export interface ParsedCatalogue {
  readonly titles: readonly DeclaredTitle[]
  readonly problems: readonly Problem[]
}

const MAX_NAME = 200
const MAX_LICENCE = 100
const MAX_TITLES = 50_000
/** Sources of one movie, of one episode, or packs of one series; a source list has 500 numbers. */
export const MAX_SOURCES = 500

/** Sources of all episodes of one series: what is handed over as one piece must not hold the main thread. */
const MAX_EPISODE_SOURCES = 10_000
/** More are no help; each is a line of the log, and a hostile text has millions. */
export const MOST_PROBLEMS = 1000

const TITLE_KEYS = ['id', 'type', 'name', 'year', 'licence', 'sources', 'episodes', 'packs']
const EPISODE = /^(?:0|[1-9]\d{0,3}):(?:0|[1-9]\d{0,3})$/

/** Reads a catalogue's text (version 1). A bad entry is reported, and the others are read. */
export function parseCatalogue(text: string): ParsedCatalogue {
  const parts = titlesOfJson(text)
  return parts && parts.length <= MAX_TITLES ? parseTitles(parts) : parseWhole(text)
}

/** Each title by itself: what one takes is free again when the next is read. */
function parseTitles(parts: readonly TitleText[]): ParsedCatalogue {
  const problems: Problem[] = []
  const titles: DeclaredTitle[] = []
  for (const { text, line } of parts) {
    const alone = parseSyntax(text)
    const inText = (at: number): number => at + line - 1
    const syntax = { ...alone, lineOf: (node: unknown) => inText(alone.lineOf(node)) }
    for (const problem of alone.problems) {
      problems.push({ ...problem, line: inText(problem.line) })
    }
    const title = readTitle(syntax, alone.root, (node, sentence) => {
      problems.push({ line: syntax.lineOf(node), sentence })
    })
    if (title) titles.push(title)
  }
  return { titles, problems }
}

function parseWhole(text: string): ParsedCatalogue {
  const syntax = parseSyntax(text)
  const problems: Problem[] = [...syntax.problems]
  const titles: DeclaredTitle[] = []
  const complain = (node: unknown, sentence: string): void => {
    problems.push({ line: syntax.lineOf(node), sentence })
  }
  const { root } = syntax
  if (!isMap(root)) {
    if (problems.length === 0) complain(root, 'a catalogue is a map with "version" and "titles"')
    return { titles, problems }
  }
  const version = entryOf(root, 'version')
  if (!isScalar(version?.value) || version.value.value !== 1) {
    complain(version?.key ?? root, '"version" must be 1')
  }
  const list = entryOf(root, 'titles')
  if (!isSeq(list?.value)) {
    complain(list?.key ?? root, '"titles" must be a list')
    return { titles, problems }
  }
  for (const item of list.value.items.slice(0, MAX_TITLES)) {
    const title = readTitle(syntax, item as Node | null, complain)
    if (title) titles.push(title)
  }
  if (list.value.items.length > MAX_TITLES) {
    complain(list.key, `only the first ${MAX_TITLES} titles are read`)
  }
  return { titles, problems }
}

type Complain = (node: unknown, sentence: string) => void

function readTitle(syntax: Syntax, node: Node | null, complain: Complain) {
  if (!isMap(node)) {
    complain(node, 'a title must be a map with "id", "type" and its sources')
    return undefined
  }
  const id = scalarOf(node, 'id')
  if (typeof id !== 'string' || !isImdbId(id)) {
    complain(entryOf(node, 'id')?.key ?? node, '"id" must be an IMDb id: "tt" and 7 to 10 digits')
    return undefined
  }
  const type = scalarOf(node, 'type')
  if (type !== 'movie' && type !== 'series') {
    complain(entryOf(node, 'type')?.key ?? node, '"type" must be "movie" or "series"')
    return undefined
  }
  warnOfKeys(node, type, complain)
  const licence = scalarOf(node, 'licence')
  const name = scalarOf(node, 'name')
  const year = scalarOf(node, 'year')
  const read = (item: Node | null, pack: boolean) =>
    readSource(
      syntax,
      item,
      { pack, licence: typeof licence === 'string' ? licence : undefined },
      complain,
    )
  const title: DeclaredTitle = {
    id,
    type,
    ...(typeof name === 'string' && name.trim() ? { name: cleanText(name, MAX_NAME) } : {}),
    ...(isYear(year) ? { year } : {}),
    ...(typeof licence === 'string' ? { licence: cleanText(licence, MAX_LICENCE) } : {}),
    sources:
      type === 'movie' ? readList(node, 'sources', complain, (n) => read(n, false)?.source) : [],
    episodes:
      type === 'series' ? readEpisodes(node, complain, (n) => read(n, false)?.source) : new Map(),
    packs: type === 'series' ? readList(node, 'packs', complain, (n) => read(n, true)) : [],
  }
  if (title.sources.length + title.episodes.size + title.packs.length === 0) {
    complain(node, `${id} has no usable source`)
  }
  return title
}

/** Unknown keys are reported, but the title counts: a newer version of the format may have them. */
function warnOfKeys(node: YAMLMap, type: 'movie' | 'series', complain: Complain): void {
  const misplaced = type === 'movie' ? ['episodes', 'packs'] : ['sources']
  for (const { key } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (!TITLE_KEYS.includes(name)) complain(key, `unknown key "${name.slice(0, 40)}" is not read`)
    else if (misplaced.includes(name)) complain(key, `a ${type} has no "${name}"; it is not read`)
  }
}

function readEpisodes<T>(
  node: YAMLMap,
  complain: Complain,
  read: (item: Node | null) => T | undefined,
) {
  const episodes = new Map<string, readonly T[]>()
  const entry = entryOf(node, 'episodes')
  if (!entry) return episodes
  if (!isMap(entry.value)) {
    complain(entry.key, '"episodes" must be a map from "season:episode" to a list of sources')
    return episodes
  }
  let count = 0
  for (const { key } of entry.value.items) {
    if (count >= MAX_EPISODE_SOURCES) {
      complain(entry.key, `only the first ${MAX_EPISODE_SOURCES} sources of its episodes are read`)
      break
    }
    // By `source`: YAML 1.1 reads an unquoted 1:02 as a number in base 60.
    const name = isScalar(key) ? (key.source ?? String(key.value)) : ''
    if (!EPISODE.test(name)) {
      complain(key, `"${name.slice(0, 20)}" must be "season:episode", such as "1:2"`)
      continue
    }
    const sources = readList(entry.value, String((key as { value: unknown }).value), complain, read)
    count += sources.length
    if (sources.length > 0) episodes.set(name, sources)
  }
  return episodes
}

function readList<T>(
  map: YAMLMap,
  key: string,
  complain: Complain,
  read: (item: Node | null) => T | undefined,
): readonly T[] {
  const entry = entryOf(map, key)
  if (!entry) return []
  if (!isSeq(entry.value)) {
    complain(entry.key, `"${key}" must be a list of sources`)
    return []
  }
  if (entry.value.items.length > MAX_SOURCES) {
    complain(entry.key, `only the first ${MAX_SOURCES} sources are read`)
  }
  const items = entry.value.items.slice(0, MAX_SOURCES) as (Node | null)[]
  return items.map(read).filter((source) => source !== undefined)
}

const isYear = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 1800 && Number(value) < 2200

function scalarOf(map: YAMLMap, key: string): unknown {
  const value = entryOf(map, key)?.value
  return isScalar(value) ? value.value : undefined
}
