/** One title of a catalogue, as it stands in the text. */
export interface TitleText {
  readonly text: string
  /** The line that it begins in, from 1. */
  readonly line: number
}

/** All that tells where in a JSON text one is: strings, brackets, ends of lines. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|\n/g

/**
 * Cuts a catalogue of JSON (RFC 8259) into its titles, so that each can be read by itself: the tree of a whole text,
 * which knows the line of everything, takes fifty times its size. Never throws.
 * @returns undefined when it is no JSON, or not a catalogue of titles only: then it is to be read as a whole
 */
export function titlesOfJson(text: string): TitleText[] | undefined {
  const expected = countOf(text)
  if (expected === undefined) return undefined
  const found: TitleText[] = []
  let depth = 0
  let line = 1
  let lists = 0
  let versions = 0
  let began = { at: 0, line: 1 }
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '\n') line++
    else if (token === '{' || token === '[') {
      if (depth === 2 && lists === 1) began = { at: index, line }
      depth++
    } else if (token === '}' || token === ']') {
      depth--
      if (depth === 2 && lists === 1) {
        found.push({ text: text.slice(began.at, index + 1), line: began.line })
      }
    } else if (depth === 1) {
      if (token === '"titles"') lists++
      if (token === '"version"') versions++
      // Whatever comes behind the titles, or stands there twice, is told of by who reads the whole.
      if (lists > 1 || versions > 1 || (lists === 1 && token !== '"titles"')) return undefined
    }
  }
  return found.length === expected ? found : undefined
}

/** How many titles there are, all of them maps. */
function countOf(text: string): number | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const { version, titles } = JSON.parse(text) as { version?: unknown; titles?: unknown }
    if (version !== 1 || !Array.isArray(titles)) return undefined
    const areMaps = titles.every(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
    )
    return areMaps ? titles.length : undefined
  } catch {
    return undefined
  }
}
