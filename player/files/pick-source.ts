import type { NumberedSource } from '../../sources/source.ts'

/** What an address means in a remembered source list, as resolve() does: the key wins over the number. */
export function pickSource(
  sourceList: { readonly sources: readonly NumberedSource[] } | undefined,
  { number, key }: { readonly number: number; readonly key: string | undefined },
): NumberedSource | undefined {
  const live = sourceList?.sources.filter((source) => !source.retired)
  return live?.find((source) => (key === undefined ? source.number === number : source.key === key))
}
