/** A member that an interface of ours declares. */
export interface Member {
  readonly owner: string
  readonly name: string
}

/** Members of the interfaces that a formatted file declares: indented once, each on a line of its own. */
export function membersIn(code: string): Member[] {
  return [...code.matchAll(/^(?:export )?interface (\w+)[^\n]*\{\n(.*?)^\}/gms)].flatMap(
    ([, owner = '', body = '']) =>
      [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, name = '']) => ({
        owner,
        name,
      })),
  )
}

/** What stands before and after braces that take an object apart; others put one together. */
const BEFORE = /\b(?:const|let)\s*$/
const AFTER = [
  /^\s*=(?![=>])/, // const { a } = b
  /^\]*\s+of\b/, // for (const { a } of b)
  /^\s*:\s*[A-Z(P{]/, // ({ a }: Parts)
  /^(?:\s*,[^()]*)?,?\s*\)\s*(?::[^={;]+)?(?:=>|\{)/, // ({ a }, b) => , name({ a }) {
]

/** Braces, each with what lies between and the texts on both sides. */
function* groups(code: string): Generator<{ before: string; inside: string; after: string }> {
  const open: number[] = []
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '{') open.push(at)
    const from = code[at] === '}' ? open.pop() : undefined
    if (from === undefined) continue
    const before = code.slice(Math.max(0, from - 20), from)
    yield { before, inside: code.slice(from + 1, at), after: code.slice(at + 1, at + 200) }
  }
}

/**
 * Names of members that the code reads, whatever of: `.name` that is not assigned to, and what is
 * taken out of an object by its braces. A scanner of text: it knows names, not types.
 */
export function namesRead(code: string): Set<string> {
  const names = new Set<string>()
  for (const [, name = ''] of code.matchAll(/(?<![.\d])\.(\w+)\b(?!\s*=[^=>])/g)) names.add(name)
  for (const { before, inside, after } of groups(code)) {
    if (inside.length > 600) continue
    if (!BEFORE.test(before) && !AFTER.some((form) => form.test(after))) continue
    for (const [, name = ''] of inside.matchAll(/(?:^|[{,\s])(\w+)(?=\s*(?:[,=:}]|$))/g)) {
      names.add(name)
    }
  }
  return names
}
