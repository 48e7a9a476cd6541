import type { Source } from '../source.ts'
import { entryId, sourceKey } from '../source-key.ts'
import type { ProviderAnswer } from './look-up.ts'
import { isPlayable, MAX_NUMBERS, type SourceListEntry } from './stored-source-list.ts'

const MAX_ADDRESSES = 40

/**
 * The source list after a look-up (docs/decisions/0002): lines stay where they are, new ones are appended.
 * `shared` wins; `local` holds what was numbered here while the shared source list could not be reached.
 */
export function renumber(
  shared: readonly SourceListEntry[],
  local: readonly SourceListEntry[],
  answers: readonly ProviderAnswer[],
): readonly SourceListEntry[] {
  const reported = reportedBy(answers)
  const lines = new Map<string, SourceListEntry>()
  for (const entry of [...shared, ...local]) {
    const line = entryId(entry.key, entry.source.locator)
    const known = lines.get(line)
    // A note does not say where a local file lies; this server's own memory does.
    if (!known || !isPlayable(known.source)) lines.set(line, entry)
  }
  const sourceList = [...lines].map(([line, entry]) => {
    const source = reported.get(line)
    return source
      ? { key: entry.key, listed: true, retired: false, source }
      : unreported(entry, answers)
  })
  for (const [line, source] of reported) {
    if (lines.has(line)) continue
    sourceList.push({ key: sourceKey(source), listed: true, retired: false, source })
  }
  return sourceList.slice(0, MAX_NUMBERS)
}

/** Only a provider that answered says anything by leaving a source out. */
function unreported(entry: SourceListEntry, answers: readonly ProviderAnswer[]): SourceListEntry {
  const answer = answers.find(({ provider }) => provider.name === entry.source.provider)
  if (!answer?.sources) return entry
  if (answer.provider.authority === 'network') return { ...entry, listed: false }
  return { ...entry, listed: false, retired: true }
}

/** Every source once, in the order of the providers; the same torrent's addresses are joined. */
function reportedBy(answers: readonly ProviderAnswer[]): Map<string, Source> {
  const reported = new Map<string, Source>()
  for (const { sources } of answers) {
    for (const source of sources ?? []) {
      const line = entryId(sourceKey(source), source.locator)
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
