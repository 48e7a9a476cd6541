import {
  type Document,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'

/** One sentence about a catalogue, with the line it is about (counted from 1). */
export interface Problem {
  readonly line: number
  readonly sentence: string
}

/** A parsed text; every node has its line. JSON is YAML too, so there is one parser for both. */
export interface Syntax {
  readonly root: Node | null
  /** What is wrong with the text itself; the rest of it can still be used. */
  readonly problems: readonly Problem[]
  lineOf(node: unknown): number
  /** Whether the text is broken inside this node. */
  broken(node: Node): boolean
  /** Plain values of a small node. */
  plain(node: Node): unknown
}

/** A real catalogue needs six levels; the parser's time grows with the square of the depth. */
const MAX_DEPTH = 32

/** Reads the text; never throws. */
export function parseSyntax(text: string): Syntax {
  const lines = new LineCounter()
  if (tooDeep(text)) return unreadable(`brackets are nested deeper than ${MAX_DEPTH} levels`)
  let document: Document.Parsed
  try {
    // The parser's own check for equal keys takes quadratic time; ours is below.
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  } catch {
    return unreadable('the text is nested too deeply to be read')
  }
  const faults = document.errors.map((error) => ({
    at: error.pos[0],
    sentence: firstSentence(error.message),
  }))
  faults.push(...forbidden(document))
  faults.sort((a, b) => a.at - b.at)
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  return {
    root: document.contents,
    problems: faults.map(({ at, sentence }) => ({ line: lineAt(at), sentence })),
    lineOf: (node) => lineAt((node as Node | null)?.range?.[0] ?? 0),
    broken(node) {
      const [start, , end] = node.range ?? [0, 0, 0]
      const next = faults[firstFrom(faults, start)]
      return next !== undefined && next.at < end
    },
    plain: (node) => node.toJS(document),
  }
}

/** The value under a key, with the key's own node for its line. */
export function entryOf(map: YAMLMap, key: string): { key: Node; value: Node | null } | undefined {
  for (const pair of map.items) {
    if (isScalar(pair.key) && String(pair.key.value) === key) {
      return { key: pair.key, value: pair.value as Node | null }
    }
  }
  return undefined
}

/** Aliases can make gigabytes of a few bytes. Of two equal keys one would be lost silently. */
function forbidden(document: Document.Parsed): { at: number; sentence: string }[] {
  const found: { at: number; sentence: string }[] = []
  visit(document, {
    Alias(_, node) {
      found.push({ at: node.range?.[0] ?? 0, sentence: 'aliases (*name) are not allowed here' })
    },
    Map(_, node) {
      if (!isMap(node)) return
      const seen = new Set<string>()
      for (const { key } of node.items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name)) {
          found.push({ at: key.range?.[0] ?? 0, sentence: `the key "${name}" stands here twice` })
        }
        seen.add(name)
      }
    },
  })
  return found
}

/**
 * Index of the first fault at or after an offset. Binary search: a hostile text has very many
 * faults.
 */
function firstFrom(faults: readonly { at: number }[], offset: number): number {
  let low = 0
  let high = faults.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((faults[middle]?.at ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}

function tooDeep(text: string): boolean {
  let depth = 0
  let before = ''
  for (const token of new Lexer().lex(text)) {
    // The token after 0x1f is the text of a scalar, which may look like a bracket.
    if (before !== '\u001f') {
      if (token === '[' || token === '{') depth++
      else if (token === ']' || token === '}') depth--
    }
    if (depth > MAX_DEPTH) return true
    before = token
  }
  return false
}

function unreadable(sentence: string): Syntax {
  return {
    root: null,
    problems: [{ line: 1, sentence }],
    lineOf: () => 1,
    broken: () => true,
    plain: () => undefined,
  }
}

/** The parser's message ends with "at line 3, column 5:" and a drawing. */
const firstSentence = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
