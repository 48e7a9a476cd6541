import type { Title } from '../common/title.ts'
import type { Listed } from '../sources/matching/ranking.ts'
import { shownName } from './facts/shown-file.ts'
import { type Preferences, writePreferences } from './preferences.ts'
import { type StreamObject, streamObject } from './stream-object.ts'
import { autoPath } from './stremio-id.ts'
import { notWebReady } from './web-ready.ts'

/**
 * The first stream of a list: the server tries the sources and plays the first that answers.
 * Undefined with fewer than two sources. Its binge group is the same in every episode.
 */
export function autoStream(
  title: Title,
  listed: readonly Listed[],
  baseUrl: string,
  preferences?: Preferences,
): StreamObject | undefined {
  // A redirect cannot carry the headers that some links need.
  const open = listed.filter(({ source }) => !source.proxyHeaders)
  const [best] = open
  if (!best || new Set(open.map(({ source }) => source.key)).size < 2) return undefined
  const { name, description } = streamObject(title, best.source, best.state, baseUrl)
  const filename = shownName(title, best.source, best.state)
  const state = description.split('\n').at(-1)
  return {
    url: `${baseUrl}${autoPath(title, preferences ? writePreferences(preferences) : '')}`,
    name: 'Playlink\nAuto',
    description: [
      'Tries the best sources and plays the first that answers',
      `Begins with: ${name.split('\n').at(-1)}`,
      ...(state === undefined ? [] : [state]),
    ].join('\n'),
    behaviorHints: {
      bingeGroup: 'playlink|auto',
      filename,
      ...(notWebReady(baseUrl, best.source, filename, best.state.file?.tracks)
        ? { notWebReady: true }
        : {}),
    },
  }
}
