import { setTimeout as sleep } from 'node:timers/promises'
import type { Title } from '../../common/title.ts'
import type { NumberedSource } from '../../sources/source.ts'
import type { KnownFiles } from './known-files.ts'

const LOOK_EVERY_MS = 200

/**
 * Until it is known what the torrents of these sources hold, or the time is over: who asks for the
 * subtitles of what begins to play asks before anybody knows. Starts nothing. Never rejects.
 */
export async function awaitKnown(
  knownFiles: Pick<KnownFiles, 'peek'>,
  title: Title,
  sources: readonly NumberedSource[],
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  const torrents = sources.filter(
    ({ locator: { kind } }) => kind === 'magnet' || kind === 'torrent',
  )
  for (let waited = 0; waited < ms && !signal.aborted; waited += LOOK_EVERY_MS) {
    if (torrents.every((source) => knownFiles.peek(title, source))) return
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
