import type { Source } from '../source.ts'
import { lineName, sourceKey } from '../source-key.ts'
import { type BookEntry, isPlayable, MAX_NUMBERS } from './book-note.ts'
import type { Answer } from './look-up.ts'

const MAX_ADDRESSES = 40

/**
 * The book after a look-up (docs/decisions/0002): lines stay where they are, new ones are appended.
 * `shared` wins; `local` holds what was numbered here while the shared book could not be reached.
 */
export function renumber(
  shared: readonly BookEntry[],
  local: readonly BookEntry[],
  answers: readonly Answer[],
): readonly BookEntry[] {
  const reported = reportedBy(answers)
  const lines = new Map<string, BookEntry>()
  for (const entry of [...shared, ...local]) {
    const line = lineName(entry.key, entry.source.locator)
    const known = lines.get(line)
    // A note does not say where a local file lies; this server's own memory does.
    if (!known || !isPlayable(known.source)) lines.set(line, entry)
  }
  const book = [...lines].map(([line, entry]) => {
    const source = reported.get(line)
    return source
      ? { key: entry.key, listed: true, retired: false, source }
      : unreported(entry, answers)
  })
  for (const [line, source] of reported) {
    if (lines.has(line)) continue
    book.push({ key: sourceKey(source), listed: true, retired: false, source })
  }
  return book.slice(0, MAX_NUMBERS)
}

/** Only a provider that answered says anything by leaving a source out. */
function unreported(entry: BookEntry, answers: readonly Answer[]): BookEntry {
  const answer = answers.find(({ provider }) => provider.name === entry.source.provider)
  if (!answer?.sources) return entry
  if (answer.provider.authority === 'network') return { ...entry, listed: false }
  return { ...entry, listed: false, retired: true }
}

/** Every source once, in the order of the providers; the same torrent's addresses are joined. */
function reportedBy(answers: readonly Answer[]): Map<string, Source> {
  const reported = new Map<string, Source>()
  for (const { sources } of answers) {
    for (const source of sources ?? []) {
      const line = lineName(sourceKey(source), source.locator)
      const known = reported.get(line)
      reported.set(line, known ? joined(known, source) : source)
    }
  }
  return reported
}

function joined(first: Source, second: Source): Source {
  if (first.locator.kind !== 'magnet' || second.locator.kind !== 'magnet') return first
  const union = (a: readonly string[], b: readonly string[]) =>
    [...new Set([...a, ...b])].slice(0, MAX_ADDRESSES)
  const locator = {
    ...first.locator,
    trackers: union(first.locator.trackers, second.locator.trackers),
    webSeeds: union(first.locator.webSeeds, second.locator.webSeeds),
  }
  const seeders = Math.max(first.seeders ?? -1, second.seeders ?? -1)
  return { ...second, ...first, locator, ...(seeders >= 0 && { seeders }) }
}
