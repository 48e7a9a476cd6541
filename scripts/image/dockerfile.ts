import { readFileSync } from 'node:fs'

/** One line of a Dockerfile, its continuations joined. */
export interface Instruction {
  /** `RUN`, `COPY` and so on. */
  readonly word: string
  readonly args: string
}

/** What comes after one FROM. */
export interface Stage {
  readonly name: string | undefined
  readonly image: string
  readonly instructions: readonly Instruction[]
}

/** Comments and empty lines are left out. @throws where a line comes before the first FROM */
export function readDockerfile(text: string): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = []
  for (const line of joinedLines(text)) {
    const [, word = '', args = ''] = /^([A-Z]+)\s(.+)$/.exec(line) ?? []
    if (word === '') continue
    if (word === 'FROM') {
      const [, image = '', name] =
        /^(?:--platform=\S+ )?(\S+)(?: AS (\w+))?$/.exec(args.trim()) ?? []
      stages.push({ image, name, instructions: [] })
      continue
    }
    const stage = stages.at(-1)
    if (!stage) throw new Error(`${word} stands before the first FROM`)
    stage.instructions.push({ word, args: args.trim() })
  }
  return stages
}

/** Lines without comments; one that ends with a backslash goes on in the next. */
function joinedLines(text: string): string[] {
  const joined: string[] = []
  let goesOn = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const isCut = line.endsWith('\\')
    const own = isCut ? line.slice(0, -1).trimEnd() : line
    if (goesOn) joined[joined.length - 1] += ` ${own}`
    else joined.push(own)
    goesOn = isCut
  }
  return joined
}

/** `A=b C=d`, without quotes. */
export const variablesIn = (args: string): Record<string, string> =>
  Object.fromEntries(
    args.split(/\s+/).map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export const readStages = (path: string): Stage[] => readDockerfile(readFileSync(path, 'utf8'))
