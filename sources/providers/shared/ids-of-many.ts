/**
 * Ids that an answer gives to entries of different titles: a constant, or the address of the site. They name
 * none of them, and who believed one would take one torrent for the other.
 */
export function idsOfMany(
  entries: readonly { readonly title: string; readonly id: string }[],
): ReadonlySet<string> {
  const titles = new Map<string, string>()
  const many = new Set<string>()
  for (const { title, id } of entries) {
    if ((titles.get(id) ?? title) !== title) many.add(id)
    titles.set(id, title)
  }
  return many
}
