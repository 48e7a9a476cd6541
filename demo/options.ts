import { parseArgs } from 'node:util'

export interface DemoOptions {
  readonly port: number
  readonly slow: boolean
  /** Undefined: one server, with nothing in front of it. */
  readonly nodes: number | undefined
}

/** What to say instead of running. */
export interface Instead {
  readonly say: string
  readonly exitCode: number
}

const USUAL_PORT = 7000

const HELP = `npm run demo                 plays films of its own on this machine, without a network
npm run demo -- --slow       the same with a slow swarm, so that one sees a film arrive
npm run demo -- --nodes 3    three servers with one cache, Redis between and nginx before them;
                             2 to 9, also with --slow

PORT=8000 npm run demo       takes another port than ${USUAL_PORT}; 0 takes any free one
`

/** Reads arguments and PORT. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): DemoOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: HELP, exitCode: 0 }
  const known = { slow: { type: 'boolean', default: false }, nodes: { type: 'string' } } as const
  let given: { readonly slow: boolean; readonly nodes?: string | undefined }
  try {
    given = parseArgs({ args: [...args], options: known }).values
  } catch (error) {
    const [why] = (error as Error).message.split('\n')
    return refused(`${why} This is:\n\n${HELP}`)
  }
  const port = env.PORT || String(USUAL_PORT)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return refused(`PORT is "${port}", but has to be a number from 0 to 65535.\n`)
  }
  const { slow, nodes } = given
  if (nodes !== undefined && !/^[2-9]$/.test(nodes)) {
    return refused(`--nodes is "${nodes}", but has to be a number from 2 to 9.\n`)
  }
  return { port: Number(port), slow, nodes: nodes === undefined ? undefined : Number(nodes) }
}

const refused = (say: string): Instead => ({ say, exitCode: 2 })
