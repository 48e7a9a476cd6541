export interface DemoOptions {
  readonly port: number
  readonly slow: boolean
}

/** What to say instead of running. */
export interface Instead {
  readonly say: string
  readonly exitCode: number
}

const USUAL_PORT = 7000

const HELP = `npm run demo            plays films of its own on this machine, without a network
npm run demo -- --slow  the same with a slow swarm, so that one sees a film arrive

PORT=8000 npm run demo  takes another port than ${USUAL_PORT}; 0 takes any free one
`

/** Reads arguments and PORT. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): DemoOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: HELP, exitCode: 0 }
  const unknown = args.find((arg) => arg !== '--slow')
  if (unknown !== undefined) {
    return { say: `"${unknown}" is not known. This is:\n\n${HELP}`, exitCode: 2 }
  }
  const port = env.PORT || String(USUAL_PORT)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return { say: `PORT is "${port}", but has to be a number from 0 to 65535.\n`, exitCode: 2 }
  }
  return { port: Number(port), slow: args.includes('--slow') }
}
