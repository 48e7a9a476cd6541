import type { Config } from '../config/config.ts'
import { runFfmpeg } from '../media/ffmpeg/run-ffmpeg.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

/** bin/node-choice.mjs, which old Nodes can read too. */
interface NodeChoice {
  readonly leastNode: string
  isEnough(version: string): boolean
}

export async function checkNode(version: string = process.versions.node): Promise<Verdict> {
  const choice = new URL('../bin/node-choice.mjs', import.meta.url).href
  const { isEnough, leastNode }: NodeChoice = await import(choice)
  const here = `Node ${version} for ${process.platform}-${process.arch}`
  if (isEnough(version)) return ok(here)
  return fault(`${here} is too old`, `Install Node ${leastNode} or newer.`)
}

export async function checkFfmpeg(
  { browser }: Pick<Config, 'browser'>,
  signal: AbortSignal,
): Promise<Verdict> {
  if (browser !== 'audio') return ok(`not needed with BROWSER=${browser}`)
  try {
    const said = (await runFfmpeg(['-version'], Buffer.alloc(0), signal)).toString()
    const version = /^ffmpeg version (\S+)/.exec(said)?.[1]
    if (version !== undefined) return ok(`version ${version}`)
  } catch (error) {
    if ((error as { code?: string }).code === 'NO_CONVERTER') {
      return warning(
        'not installed: films whose sound no browser has do not play in browsers',
        'Install ffmpeg, or set BROWSER=copy.',
      )
    }
  }
  return warning('does not run', 'Run "ffmpeg -version", and install it anew if that fails.')
}
