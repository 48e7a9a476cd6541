import type { NumberedSource } from '../source.ts'

/**
 * Each file once, when several providers report it (by info hash and selector): under its lowest
 * number, with the facts of all. Only what the sources say counts, not what became known of them
 * later, so that an entry does not vanish from a list. A file that one provider lists twice stays
 * there twice.
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
