import type { NumberedSource } from '../../sources/source.ts'

/** The source that an address means, in a remembered list: as in SourceLists.resolve(), the key wins over the number. */
export function pickSource(
  sourceList: { readonly sources: readonly NumberedSource[] } | undefined,
  { number, sourceKey }: { readonly number: number; readonly sourceKey: string | undefined },
): NumberedSource | undefined {
  const live = sourceList?.sources.filter((source) => !source.retired)
  return live?.find((source) =>
    sourceKey === undefined ? source.number === number : source.key === sourceKey,
  )
}
