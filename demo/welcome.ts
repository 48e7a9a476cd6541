import { PLAYS } from './titles.ts'

export interface WelcomeFacts {
  readonly port: number
  /** The port that was wanted and is somebody else's. */
  readonly taken: number | undefined
  readonly slow: boolean
  readonly bold: (text: string) => string
}

/** What is printed when everything runs. */
export function welcome({ port, taken, slow, bold }: WelcomeFacts): string {
  return [
    '',
    bold('The Playlink demo runs, and all of it on this machine: tracker, seeder and server.'),
    ...isTaken(taken, port),
    ...(slow
      ? ['The swarm is slow today: a film takes some ten seconds to arrive, and plays meanwhile.']
      : []),
    ...whereToLook(port),
    ...whatToPlay(port, bold),
    '',
    bold('Ctrl-C ends everything.'),
    '',
    '',
  ].join('\n')
}

export const isTaken = (taken: number | undefined, port: number): readonly string[] =>
  taken === undefined ? [] : [`Port ${taken} is taken by another program, so this is ${port}.`]

export const whereToLook = (port: number): readonly string[] => [
  '',
  `  Watch it work   http://127.0.0.1:${port}/test-source-selection`,
  `  Manifest        http://127.0.0.1:${port}/manifest.json`,
  `  Stremio         stremio://127.0.0.1:${port}/manifest.json`,
  '',
]

export const whatToPlay = (port: number, bold: WelcomeFacts['bold']): readonly string[] => [
  'To play in a browser, or with mpv, VLC or curl -L:',
  ...PLAYS.flatMap(({ name, kind, plays }) => [
    '',
    `  ${bold(name)}, ${kind}`,
    ...plays.map(({ label, path }) => `    ${label.padEnd(13)} http://127.0.0.1:${port}${path}`),
  ]),
]
