/** Shorter names are too close to those of others: PORT to SORT, HOST to HOSTS, DHT to DTH. */
const LEAST_LETTERS = 6
/** In longer names than this two letters may be wrong, in others one. */
const MANY_LETTERS = 12

const flat = (name: string): string => name.replaceAll('_', '').toUpperCase()

/** How many letters were left out, put in, changed, or swapped with the next. */
function lettersApart(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (old[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (old[j - 1] ?? 0) + same,
        swapped ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    older = old
    old = row
  }
  return old[b.length] ?? 0
}

/** `CACHE_SIZE` of `CACHE_MAX_SIZE`: it begins with the same word, and only words are missing. */
function leavesOutWords(name: string, whole: string): boolean {
  const words = name.split('_')
  const all = whole.split('_')
  if (words.length < 2 || words.length >= all.length || words[0] !== all[0]) return false
  let found = 0
  for (const word of all) if (word === words[found]) found++
  return found === words.length
}

function isCloseTo(name: string, known: string): boolean {
  if (flat(name) === flat(known) || leavesOutWords(name, known)) return true
  // Another beginning is another thing: CCACHE_DIR is a compiler's.
  if (name.slice(0, 2) !== known.slice(0, 2)) return false
  return lettersApart(name, known) <= (known.length > MANY_LETTERS ? 2 : 1)
}

/**
 * The name that was meant, for one that is probably a slip. Most names in an environment are other
 * programs', so what is only a little like one of ours is left alone.
 */
function meant(name: string, known: readonly string[]): string | undefined {
  if (flat(name).length < LEAST_LETTERS) return undefined
  return known
    .filter((one) => flat(one).length >= LEAST_LETTERS && isCloseTo(name, one))
    .sort((a, b) => lettersApart(name, a) - lettersApart(name, b))[0]
}

export interface Slip {
  readonly name: string
  readonly meant: string
}

/** @param known every name that can be set, without the forms `NAME_FILE` */
export function misspelled(names: readonly string[], known: readonly string[]): Slip[] {
  return names.flatMap((name) => {
    const bare = name.replace(/_FILE$/i, '')
    if (known.includes(name) || known.includes(bare)) return []
    const right = meant(bare, known)
    if (right === undefined) return []
    return [{ name, meant: bare === name ? right : `${right}_FILE` }]
  })
}
