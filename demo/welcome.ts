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
  const host = `127.0.0.1:${port}`
  const base = `http://${host}`
  return [
    '',
    bold('The Playlink demo runs, and all of it on this machine: tracker, seeder and server.'),
    ...(taken === undefined
      ? []
      : [`Port ${taken} is taken by another program, so this is ${port}.`]),
    ...(slow
      ? ['The swarm is slow today: a film takes some ten seconds to arrive, and plays meanwhile.']
      : []),
    '',
    `  Watch it work   ${base}/test-source-selection`,
    `  Manifest        ${base}/manifest.json`,
    `  Stremio         stremio://${host}/manifest.json`,
    '',
    'To play in a browser, or with mpv, VLC or curl -L:',
    ...PLAYS.flatMap(({ name, kind, plays }) => [
      '',
      `  ${bold(name)}, ${kind}`,
      ...plays.map(({ label, path }) => `    ${label.padEnd(13)} ${base}${path}`),
    ]),
    '',
    bold('Ctrl-C ends everything.'),
    '',
    '',
  ].join('\n')
}
