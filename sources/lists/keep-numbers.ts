import { MAX_PEERS } from '../../common/bittorrent/magnet.ts'
import type { Source } from '../source.ts'
import { entryId, sourceKey } from '../source-key.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS, unique } from './bounded-source.ts'
import type { ProviderAnswer } from './look-up.ts'
import { isPlayable, MAX_NUMBERS, type SourceListEntry } from './source-list-entry.ts'

/**
 * The source list after a look-up (docs/decisions/0002-numbered-book.md): entries stay where they
 * are, new ones are appended. `shared` is what the index holds and comes first; `local` is what
 * this server numbered while the index could not be reached.
 */
export function keepNumbers(
  shared: readonly SourceListEntry[],
  local: readonly SourceListEntry[],
  answers: readonly ProviderAnswer[],
): readonly SourceListEntry[] {
  const reported = reportedBy(answers)
  const entries = new Map<string, SourceListEntry>()
  for (const entry of [...shared, ...local]) {
    const id = entryId(entry.key, entry.source.locator)
    const known = entries.get(id)
    // The index does not say where a local file lies, and has numbers alone where a list is too large;
    // this server's own memory may know more.
    if (!known || !isPlayable(known.source)) entries.set(id, entry)
  }
  const sourceList = [...entries].map(([id, entry]) => {
    const source = reported.get(id)
    return source
      ? { key: entry.key, listed: true, retired: false, source }
      : withItsFilm(unreported(entry, answers), reported)
  })
  for (const [id, source] of reported) {
    if (entries.has(id)) continue
    sourceList.push({ key: sourceKey(source), listed: true, retired: false, source })
  }
  return sourceList.slice(0, MAX_NUMBERS)
}

/** Nothing follows from a source that is missing when its provider did not answer. */
function unreported(entry: SourceListEntry, answers: readonly ProviderAnswer[]): SourceListEntry {
  const answer = answers.find(({ provider }) => provider.name === entry.source.provider)
  if (!answer?.sources) return entry
  if (answer.provider.authority === 'network') return { ...entry, listed: false }
  return { ...entry, listed: false, retired: true }
}

/** A further part of a film is there as long as the first one, whoever remembers that it is one. */
function withItsFilm(
  entry: SourceListEntry,
  reported: ReadonlyMap<string, Source>,
): SourceListEntry {
  const { partOf, locator } = entry.source
  const isThere = partOf !== undefined && reported.has(entryId(partOf, locator))
  return isThere ? { ...entry, listed: true, retired: false } : entry
}

/**
 * Every source once, in the order of the providers; trackers and web seeds of the same magnet are
 * joined.
 */
function reportedBy(answers: readonly ProviderAnswer[]): Map<string, Source> {
  const reported = new Map<string, Source>()
  for (const { sources } of answers) {
    for (const source of sources ?? []) {
      const id = entryId(sourceKey(source), source.locator)
      const known = reported.get(id)
      reported.set(id, known ? joined(known, source) : source)
    }
  }
  return reported
}

function joined(first: Source, second: Source): Source {
  if (first.locator.kind !== 'magnet' || second.locator.kind !== 'magnet') return first
  const peers = unique([...(first.locator.peers ?? []), ...(second.locator.peers ?? [])], MAX_PEERS)
  const locator = {
    ...first.locator,
    ...(peers.length > 0 && { peers }),
    trackers: unique([...first.locator.trackers, ...second.locator.trackers], MAX_TRACKERS),
    webSeeds: unique([...first.locator.webSeeds, ...second.locator.webSeeds], MAX_WEB_SEEDS),
  }
  const seeders = Math.max(first.seeders ?? -1, second.seeders ?? -1)
  return { ...second, ...first, locator, ...(seeders >= 0 && { seeders }) }
}
