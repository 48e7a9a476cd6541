import type { Availability } from '../../common/availability.ts'
import { cleanText } from '../../common/clean-text.ts'
import type { Title } from '../../common/title.ts'
import { fileNameOf } from '../../sources/matching/file-name.ts'
import type { NumberedSource } from '../../sources/source.ts'

const MAX_NAME = 200

/** The name that clients see: of the file that was found in the torrent, else as the source says. Never empty. */
export function shownName(title: Title, source: NumberedSource, state: Availability): string {
  return cleanText(state.file?.name ?? '', MAX_NAME) || fileNameOf(title, source)
}

/** A pack of which nobody knows yet which of its files is the wanted one. */
export const isUnopenedPack = ({ names }: NumberedSource, { kind, file }: Availability): boolean =>
  names?.isPack === true && kind !== 'ready' && file?.name === undefined

/**
 * Bytes of the file that plays, as far as they are known: a pack's own size is no size of a file. Whole and above
 * zero, for clients drop a stream of any other size.
 */
export function shownSize(source: NumberedSource, state: Availability): number | undefined {
  const size = state.file?.size ?? (isUnopenedPack(source, state) ? undefined : source.size)
  return wholeBytes(size)
}

/** Undefined for what is no size. */
export const wholeBytes = (size: number | undefined): number | undefined =>
  size !== undefined && Number.isSafeInteger(size) && size > 0 ? size : undefined
