import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { openDirectPath } from '../files/direct-path.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import type { FileBytes } from '../play/file-bytes.ts'
import type { EmbeddedSubtitles } from './embedded-subtitles.ts'

export interface LookParts {
  readonly embedded?: Pick<EmbeddedSubtitles, 'look'> | undefined
  readonly knownFiles: Pick<KnownFiles, 'peek'>
  readonly fileBytes: Pick<FileBytes, 'openExisting'>
  readonly clock: Clock
  readonly log: Log
}

/** How long somebody waits, in milliseconds at most. */
export interface Wait {
  readonly ms: number
  readonly signal: AbortSignal
}

const CHECK_EVERY_MS = 200

/**
 * Looks into the file that a source means as soon as it is here or on its way: who asks for subtitles when a film
 * begins comes before its first bytes. Starts no download. Never rejects.
 */
export async function lookInto(
  parts: LookParts,
  title: Title,
  source: NumberedSource,
  { ms, signal }: Wait,
): Promise<void> {
  const { embedded, clock, log } = parts
  if (!embedded || source.locator.kind === 'url') return
  const late = AbortSignal.any([signal, AbortSignal.timeout(ms)])
  const viewer = createViewer(late, ms, clock)
  try {
    const playable = await whenOpen(parts, title, source, viewer, late)
    try {
      await embedded.look(playable, { signal: late })
    } finally {
      playable.release()
    }
  } catch (error) {
    if (!late.aborted) log.debug({ err: error }, 'a film was not looked into')
  } finally {
    viewer.end()
  }
}

/** @throws when nobody waits any more */
async function whenOpen(
  { knownFiles, fileBytes }: LookParts,
  title: Title,
  source: NumberedSource,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<BytesPlayable> {
  if (source.locator.kind === 'path') return openDirectPath(source.locator.path)
  for (;;) {
    const known = knownFiles.peek(title, source)
    const playable = known && (await fileBytes.openExisting(known.key, viewer))
    if (playable) return playable
    await sleep(CHECK_EVERY_MS, undefined, { signal })
  }
}
