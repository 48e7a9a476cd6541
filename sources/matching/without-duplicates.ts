import type { NumberedSource } from '../source.ts'

/**
 * What several providers report of the same bytes (info hash and selector), once: under the lower
 * number, with the facts of both. By what the sources say and not by what became known of them, so
 * that a line and its address do not go away later. What one provider lists twice, it means twice.
 */
export function withoutDuplicates(sources: readonly NumberedSource[]): readonly NumberedSource[] {
  const shown = new Map<string, NumberedSource>()
  for (const source of sources) {
    const same = shown.get(source.key)
    if (!same) shown.set(source.key, source)
    else if (same.provider === source.provider) shown.set(`${source.key} ${source.number}`, source)
    else shown.set(source.key, withFactsOf(same, source))
  }
  return [...shown.values()]
}

function withFactsOf(first: NumberedSource, second: NumberedSource): NumberedSource {
  const seeders = Math.max(first.seeders ?? -1, second.seeders ?? -1)
  const languages = [...new Set([...(first.languages ?? []), ...(second.languages ?? [])])]
  return {
    ...second,
    ...first,
    ...(seeders >= 0 && { seeders }),
    ...(languages.length > 0 && { languages }),
  }
}
