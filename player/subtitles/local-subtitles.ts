import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../../common/errors.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { MAX_SUBTITLE_BYTES, namesBeside } from '../../sources/matching/external-subtitles.ts'
import { subtitleLanguage } from '../../sources/matching/subtitle-language.ts'
import { pathEtag } from '../files/direct-path.ts'
import { readSmallFile } from '../files/read-file.ts'
import { webVtt } from './subtitle-text.ts'

/** The subtitle files beside a video of the operator's own; undefined when its folder cannot be read. */
export async function localTracks(videoPath: string): Promise<SubtitleTrack[] | undefined> {
  const stem = basename(videoPath).replace(/\.[a-z0-9]{2,4}$/i, '')
  const names = await namesOf(videoPath)
  return names?.map((name) => ({ id: idOf(name), lang: subtitleLanguage(name, stem) }))
}

/** One of them as WebVTT. @throws Fault NOT_FOUND, FILE_MISSING */
export async function localSubtitle(videoPath: string, track: string): Promise<string> {
  const name = (await namesOf(videoPath))?.find((one) => idOf(one) === track)
  if (name === undefined) throw new Fault('NOT_FOUND')
  const path = join(dirname(videoPath), name)
  return webVtt(await readSmallFile(path, MAX_SUBTITLE_BYTES, 'NOT_FOUND'), name)
}

/** The validator of a video of the operator's own, as a play of it has it; undefined when it cannot be read. */
export async function localEtag(videoPath: string): Promise<string | undefined> {
  const found = await stat(videoPath, { bigint: true }).catch(() => undefined)
  return found && pathEtag(found)
}

async function namesOf(videoPath: string): Promise<readonly string[] | undefined> {
  const names = await readdir(dirname(videoPath)).catch(() => undefined)
  return names && namesBeside(names, basename(videoPath))
}

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 12)
