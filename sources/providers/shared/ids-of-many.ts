/**
 * Ids that an answer gives to entries of different titles: a constant, or the address of the site. They name
 * none of them, and who believed one would take one torrent for the other.
 */
export function idsOfMany(
  entries: readonly { readonly title: string; readonly id: string }[],
): ReadonlySet<string> {
  const titles = new Map<string, string>()
  const many = new Set<string>()
  for (const { title: written, id } of entries) {
    // Of one written in two ways there is one.
    const title = written
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
    if ((titles.get(id) ?? title) !== title) many.add(id)
    titles.set(id, title)
  }
  return many
}

/** Names an entry that has no id of its own: links may change with each answer, and hold a key. */
export const nameAndSize = ({
  title,
  size,
}: {
  readonly title: string
  readonly size?: number | undefined
}): string => `${title}\n${size ?? ''}`
